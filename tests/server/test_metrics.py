"""Figures of live streams, for Prometheus."""

from __future__ import annotations

import json
import urllib.request

import pytest

from accessify.pipelines.live import LiveEngine
from tests.server.site import WAIT, Site, beckett, hear, hear_all, pcm16, pieces, send, serving

pytestmark = pytest.mark.models


def figures(site: Site) -> dict[str, float]:
    with urllib.request.urlopen(f"{site.address}/metrics", timeout=WAIT) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_figures_follow_the_streams(live_engine: LiveEngine) -> None:
    with serving(live_engine) as site:
        before = figures(site)
        assert before["accessify_streams"] == before["accessify_words_total"] == 0
        with site.talk() as client:
            hear(client)
            assert figures(site)["accessify_streams"] == 1
            assert figures(site)["accessify_readers"] == 1
            send(client, [*pieces(pcm16(beckett())), json.dumps({"type": "finish"})])
            hear_all(client)
        after = figures(site)
        assert figures(site)["accessify_real_time_factor"] == after["accessify_real_time_factor"]
        with site.talk(format="mp3") as client:
            hear_all(client)
        refused = figures(site)
    assert after["accessify_streams"] == after["accessify_readers"] == after["accessify_queue_seconds"] == 0
    assert after["accessify_words_total"] >= 8
    assert after["accessify_sound_seconds_total"] == pytest.approx(len(beckett()) / 16_000, abs=0.1)
    assert after["accessify_lag_seconds_count"] > 0
    assert 0 < after["accessify_real_time_factor"] < 5
    assert refused['accessify_refused_total{code="bad-start"}'] == 1
