from __future__ import annotations

import re
from pathlib import Path

import pytest

from accessify.core.errors import UnknownName
from accessify.hub.catalog import Model, ModelFile, Pinned, UrlSource, WheelSource, find_model, load_catalog
from accessify.hub.fetch import model_files
from accessify.hub.verify import Health, verify_model
from accessify.tracking import graphs

ROOT = Path(__file__).parents[2]
CARDS = {"lexicon": ROOT / "datasets"}
"""Where the cards of what is no network lie."""
MODELS = list(load_catalog().values())
SOURCES = dict.fromkeys(source for model in MODELS for source in model.sources)
WHEELS = [source for source in SOURCES if isinstance(source, WheelSource)]
GRAPHS = [graph for graph in vars(graphs).values() if isinstance(graph, graphs.Graph)]
PINNED: list[Pinned] = [*(file for model in MODELS for file in model.files), *WHEELS]


ASKED_FOR = ("fingerspelling-clips",)
"""Fetched only by those who ask for it."""


@pytest.mark.parametrize("pinned", PINNED, ids=lambda pinned: pinned.label)
def test_every_file_is_pinned(pinned: Pinned) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", pinned.sha256)
    assert pinned.size > 0
    assert re.fullmatch(r"[\w.-]+", pinned.name)


def test_no_two_files_share_a_place() -> None:
    labels = [pinned.label for pinned in PINNED]
    assert len(labels) == len(set(labels))


def test_the_embedded_models_are_there() -> None:
    names = {name: [file.name for file in model.files] for name, model in load_catalog().items()}
    assert names["moonshine-tiny-en"] == ["encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"]
    assert "silero_vad_op18_ifless.onnx" in names["silero-vad"]
    assert names["sample-speech"] == ["two_cities.wav", "beckett.wav"]
    assert set(names["holistic-landmarks"]) <= {f"{graph.name}.tflite" for graph in GRAPHS}
    assert len(names["holistic-landmarks"]) == 7


def test_the_signs_come_from_their_wheel_and_the_clips_as_one() -> None:
    signs, clips = find_model("hamnosys-signs"), find_model("fingerspelling-clips")
    assert [file.name for file in signs.files] == ["parallel.json", "ase.json", "gsg.json", "csl.json"]
    assert isinstance(clips.sources[0], WheelSource)
    assert [(file.name, file.sha256) for file in clips.files] == [
        (clips.sources[0].name, clips.sources[0].sha256)
    ]


def test_an_unknown_model_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'silero-vad'\?") as caught:
        find_model("silero_vad")
    assert caught.value.known == tuple(load_catalog())


@pytest.mark.parametrize(
    ("name", "requirement", "options"),
    [
        ("silero_vad-6.2.3-py3-none-any.whl", "silero-vad==6.2.3", ()),
        (
            "moonshine_voice-0.0.48-py3-none-manylinux_2_34_x86_64.whl",
            "moonshine-voice==0.0.48",
            ("--platform=manylinux_2_34_x86_64",),
        ),
        (
            "mediapipe-0.10.21-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "mediapipe==0.10.21",
            (
                "--platform=manylinux_2_17_x86_64",
                "--platform=manylinux2014_x86_64",
                "--implementation=cp",
                "--python-version=311",
                "--abi=cp311",
            ),
        ),
    ],
)
def test_a_wheel_name_says_what_to_ask_pip_for(name: str, requirement: str, options: tuple[str, ...]) -> None:
    wheel = WheelSource(name, 1, "0" * 64)
    assert (wheel.requirement, wheel.pip_options) == (requirement, options)


@pytest.mark.parametrize("base", ["ftp://host/", "/folder/", "https://host/models"])
def test_a_source_address_is_a_web_folder(base: str) -> None:
    with pytest.raises(ValueError, match="ends in a slash"):
        UrlSource(base)


def test_a_member_defaults_to_the_file_name() -> None:
    files = [file for model in load_catalog().values() for file in model.files]
    assert all(file.member.endswith(file.name) for file in files)
    assert ModelFile("a", 1, "0" * 64, "model", "a").label == "model/a"


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model.task != "sample"], ids=lambda model: model.name
)
def test_a_model_card_agrees_with_the_catalogue(model: Model) -> None:
    name = "whisper" if model.name.startswith("whisper-") else model.name  # one card for all sizes
    text = (CARDS.get(model.task, ROOT / "models") / f"{name}.md").read_text("utf-8")
    front = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert front
    assert f"license: {model.licence.lower()}" in front[1]
    assert f"pipeline_tag: {model.task}" in front[1]
    for file in model.files:
        assert f"| `{file.name}` | {file.size} | `{file.sha256}` |" in text
    for source in model.sources:
        assert (source.sha256 if isinstance(source, WheelSource) else source.base) in text


def test_the_checkpoints_of_whisper_are_those_that_openai_whisper_fetches() -> None:
    addresses = set(pytest.importorskip("whisper")._MODELS.values())
    ours = [model for model in MODELS if model.name.startswith("whisper-")]
    assert len(ours) == len(addresses) == 12
    for model in ours:
        [file], [source] = model.files, model.sources
        assert isinstance(source, UrlSource)
        assert file.name == f"{model.name.removeprefix('whisper-')}.pt"
        assert source.base + file.member in addresses
        assert source.base.endswith(f"/{file.sha256}/")
        assert model.languages == (("en",) if file.name.endswith(".en.pt") else ("*",))


@pytest.mark.models
@pytest.mark.parametrize(
    "name",
    [
        model.name
        for model in MODELS
        if isinstance(model.sources[0], WheelSource) and model.name not in ASKED_FOR
    ],
)  # what lies at an address is fetched only by those who ask for it
def test_the_fetched_models_are_what_the_catalogue_says(name: str) -> None:
    paths = model_files(name, offline=True)
    verdicts = verify_model(find_model(name))
    assert {verdict.health for verdict in verdicts} == {Health.WHOLE}
    assert [verdict.path for verdict in verdicts] == list(paths.values())
