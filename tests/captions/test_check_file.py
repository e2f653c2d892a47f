from __future__ import annotations

from dataclasses import replace

import pytest

from accessify.captions.check import check
from accessify.captions.check_file import language_of
from accessify.captions.findings import Severity
from accessify.captions.rules import Profile, load_profile
from accessify.core.text import Document
from accessify.core.timeline import Track
from tests.captions.checking import BBC, EN, F24, ZH, cue

ENGLISH = Document(Track.of([cue(0, 48)]), rate=F24)
CHINESE = Document(Track.of([cue(0, 48, "好的我来了")]), rate=F24)


@pytest.mark.parametrize("document", [Document(Track()), Document(Track.of([cue(0, 48, " ")]), rate=F24)])
def test_a_file_without_captions_fails(document: Document) -> None:
    found = check(document, EN)[0]
    assert (found.rule, found.cue, found.severity, found.fixable) == (
        "no-captions",
        0,
        Severity.ERROR,
        False,
    )


@pytest.mark.parametrize(
    ("document", "profile", "told"),
    [
        (ENGLISH, ZH, "text in another script"),
        (replace(ENGLISH, language="en-GB"), ZH, "en"),
        (CHINESE, EN, "zh"),
        (replace(ENGLISH, language="fr"), EN, "fr"),
        (ENGLISH, EN, None),
        (replace(ENGLISH, language="eng"), BBC, None),
        (replace(CHINESE, language="zh-CN"), ZH, None),
        (CHINESE, load_profile("web"), None),
    ],
)
def test_the_guide_is_for_the_language_of_the_text(
    document: Document, profile: Profile, told: str | None
) -> None:
    found = [finding for finding in check(document, profile) if finding.rule == "language"]
    assert [finding.measured for finding in found] == ([told] if told else [])
    assert all(finding.severity == Severity.ADVICE for finding in found)


def test_the_script_shows_the_language() -> None:
    assert language_of(CHINESE) == "zh"
    assert language_of(Document(Track.of([cue(0, 48, "今日は暑い")]))) == "ja"
    assert language_of(ENGLISH) is None
