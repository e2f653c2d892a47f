"""The graphs compute what openai-whisper computes: logits, tokens and cross-attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.hub.whisper_checkpoint import read_whisper
from accessify.hub.whisper_graphs import Graph, decoder_graph, encoder_graph
from accessify.speech.whisper_sizes import WhisperDims
from tests.hub.whisper_models import (
    BASE,
    SMALL_ENGLISH,
    SMALL_MANY,
    TINY,
    empty_cache,
    graph_greedy,
    greedy,
    outputs,
    random_whisper,
    save_whisper,
    session,
    start_of,
)
from tests.spoken import sound

torch = pytest.importorskip("torch")
whisper = pytest.importorskip("whisper")
onnx = pytest.importorskip("onnx")

TOKENS = 40


@dataclass(frozen=True, slots=True)
class Both:
    """openai-whisper's network and ours of the same weights."""

    whisper: Any
    dims: WhisperDims
    folder: Path

    def session(self, name: str) -> Any:
        return session(self.folder / f"{name}.onnx")


def written(graph: Graph, path: Path) -> None:
    graph.writer.write(path, graph.inputs, graph.outputs)


def made(dims: WhisperDims, folder: Path) -> Both:
    model = random_whisper(dims)
    checkpoint = read_whisper(save_whisper(model, folder / "w.pt"))
    written(encoder_graph(checkpoint), folder / "encoder.onnx")
    written(decoder_graph(checkpoint), folder / "decoder.onnx")
    written(decoder_graph(checkpoint, words=True), folder / "decoder_words.onnx")
    return Both(model, dims, folder)


@pytest.fixture(scope="module", params=[SMALL_ENGLISH, SMALL_MANY], ids=["english", "many"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return made(request.param, tmp_path_factory.mktemp("graphs"))


def random_mel(dims: WhisperDims, seed: int = 1, count: int = 1) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).normal(size=(count, dims.n_mels, 2 * dims.n_audio_ctx))
    return (0.5 * noise).astype(np.float32)


def relative(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def steps(both: Both, name: str, mel: NDArray[np.float32], rows: Sequence[Sequence[int]]) -> dict[str, Any]:
    """What the decoder gives for whole rows of tokens at once."""
    decoder = both.session(name)
    feeds = {"tokens": np.array(rows), "offset": np.array([0])}
    feeds |= empty_cache(decoder, len(rows), both.dims.n_text_ctx)
    return outputs(decoder, feeds | outputs(both.session("encoder"), {"mel": mel}))


def test_graphs_are_whole_and_plain(both: Both) -> None:
    for name in ("encoder", "decoder", "decoder_words"):
        model = onnx.load(both.folder / f"{name}.onnx")
        onnx.checker.check_model(model, full_check=True)
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]
        assert not {node.op_type for node in model.graph.node} & {"If", "Loop", "Scan"}


def test_ports_are_as_the_layout_says(both: Both) -> None:
    dims = both.dims
    head = dims.n_text_state // dims.n_text_head
    heard, cache = [dims.n_text_head, dims.n_audio_ctx, head], ["batch", dims.n_text_head, "cache", head]
    names = [f"{part}_{number}" for part in "kv" for number in range(dims.n_text_layer)]
    encoder, decoder, words = (both.session(name) for name in ("encoder", "decoder", "decoder_words"))
    assert [(p.name, p.shape) for p in encoder.get_inputs()] == [
        ("mel", ["batch", dims.n_mels, 2 * dims.n_audio_ctx])
    ]
    assert [(p.name, p.shape) for p in encoder.get_outputs()] == [
        (f"cross_{name}", ["batch", *heard]) for name in names
    ]
    for step in (decoder, words):
        assert [(p.name, p.shape) for p in step.get_inputs()] == [
            ("tokens", ["batch", "n"]),
            ("offset", [1]),
            *((f"self_{name}", cache) for name in names),
            *((f"cross_{name}", ["sounds", *heard]) for name in names),
        ]
    given = [("logits", ["batch", "n", dims.n_vocab]), *((f"self_{name}_out", cache) for name in names)]
    assert [(p.name, p.shape) for p in decoder.get_outputs()] == given
    shape = [len(both.whisper.alignment_heads.indices().T), "batch", "n", dims.n_audio_ctx]
    assert [(p.name, p.shape) for p in words.get_outputs()] == [*given, ("cross_attention", shape)]


def test_onnxruntime_fuses_what_it_can(both: Both, tmp_path: Path) -> None:
    ort = import_module("onnxruntime")
    for name in ("encoder", "decoder"):
        options = ort.SessionOptions()
        options.optimized_model_filepath = str(tmp_path / "fused.onnx")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.log_severity_level = 3  # that such a file is for this machine only
        ort.InferenceSession(both.folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
        kinds = [node.op_type for node in onnx.load(tmp_path / "fused.onnx").graph.node]
        layers = both.dims.n_audio_layer if name == "encoder" else both.dims.n_text_layer
        if name == "decoder":  # keys are turned in the product
            assert kinds.count("FusedMatMul") == 2 * layers
        assert kinds.count("BiasGelu") == layers
        assert "Erf" not in kinds


@pytest.mark.parametrize("seed", [1, 2])
def test_greedy_decoding_gives_the_tokens_of_openai_whisper(both: Both, seed: int) -> None:
    mel, start = random_mel(both.dims, seed)[0], start_of(both.dims)
    theirs, logits = greedy(both.whisper, mel, start, TOKENS)
    ours, rows = graph_greedy(both.session("encoder"), both.session("decoder"), mel, start, TOKENS)
    assert len(set(theirs)) > 5  # the weights do say something
    assert ours == theirs
    assert relative(rows, logits) < 1e-4


@pytest.mark.models
@pytest.mark.parametrize("name", ["beckett.wav", "two_cities.wav"])
def test_greedy_decoding_of_speech_gives_the_tokens_of_openai_whisper(both: Both, name: str) -> None:
    says_alike(both, name)


@pytest.mark.models
@pytest.mark.parametrize(("dims", "name"), [(TINY, "two_cities.wav"), (BASE, "beckett.wav")])
def test_published_sizes_say_what_openai_whisper_says(dims: WhisperDims, name: str, tmp_path: Path) -> None:
    says_alike(made(dims, tmp_path), name)


def says_alike(both: Both, name: str) -> None:
    dims = both.dims
    samples = whisper.pad_or_trim(sound(name).samples, 2 * dims.n_audio_ctx * 160)
    mel = whisper.log_mel_spectrogram(samples, n_mels=dims.n_mels).numpy()
    theirs, logits = greedy(both.whisper, mel, start_of(dims), TOKENS)
    ours, rows = graph_greedy(both.session("encoder"), both.session("decoder"), mel, start_of(dims), TOKENS)
    assert len(set(theirs)) > 5
    assert ours == theirs
    assert relative(rows, logits) < 1e-4


def test_rows_of_a_batch_do_not_see_each_other(both: Both) -> None:
    mel = random_mel(both.dims, count=3)
    rows = np.random.default_rng(3).integers(0, both.dims.n_vocab, (3, 9))
    together = steps(both, "decoder", mel, rows.tolist())
    with torch.no_grad():
        theirs = both.whisper(torch.from_numpy(mel), torch.from_numpy(rows)).numpy()
    assert relative(together["logits"], theirs) < 1e-4
    for number in range(3):
        alone = steps(both, "decoder", mel[number : number + 1], rows[number : number + 1].tolist())
        for name, values in alone.items():
            np.testing.assert_allclose(values[0], together[name][number], atol=1e-3)


def test_beams_share_their_sound(both: Both) -> None:
    mel = random_mel(both.dims, count=2)
    rows = np.random.default_rng(4).integers(0, both.dims.n_vocab, (6, 5)).tolist()
    shared = steps(both, "decoder_words", mel, rows)
    copied = steps(both, "decoder_words", np.repeat(mel, 3, axis=0), rows)
    assert shared["logits"].shape == (6, 5, both.dims.n_vocab)
    for name, values in copied.items():
        np.testing.assert_allclose(shared[name], values, atol=1e-3, err_msg=name)


def test_only_the_new_positions_are_written(both: Both) -> None:
    dims, decoder = both.dims, both.session("decoder")
    before = {
        name: np.random.default_rng(0).normal(size=values.shape).astype(np.float32)
        for name, values in empty_cache(decoder, 2, 20).items()
    }
    feeds = {"tokens": np.array([[1, 2], [3, 4]]), "offset": np.array([5])}
    after = outputs(
        decoder, feeds | before | outputs(both.session("encoder"), {"mel": random_mel(dims, count=2)})
    )
    old = [position for position in range(20) if position not in (5, 6)]
    for name, was in before.items():
        now = after[f"{name}_out"]
        np.testing.assert_array_equal(was[:, :, old], now[:, :, old])
        assert (was[:, :, 5:7] != now[:, :, 5:7]).mean() > 0.99


def test_the_cache_may_be_written_in_place(both: Both) -> None:
    ort, dims = import_module("onnxruntime"), both.dims
    decoder, mel, start = both.session("decoder"), random_mel(both.dims)[0], start_of(both.dims)
    theirs, _ = greedy(both.whisper, mel, start, 10)
    binding = decoder.io_binding()
    for name, values in outputs(both.session("encoder"), {"mel": mel[None]}).items():
        binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(values))
    for name, values in empty_cache(decoder, 1, dims.n_text_ctx).items():
        cache = ort.OrtValue.ortvalue_from_numpy(values)
        binding.bind_ortvalue_input(name, cache)
        binding.bind_ortvalue_output(f"{name}_out", cache)
    new, ours, offset = start, [], 0
    for _ in range(10):
        binding.bind_cpu_input("tokens", np.array([new]))
        binding.bind_cpu_input("offset", np.array([offset]))
        binding.bind_output("logits")  # anew: its shape changes
        decoder.run_with_iobinding(binding)
        offset += len(new)
        new = [int(binding.get_outputs()[-1].numpy()[0, -1].argmax())]
        ours += new
    assert ours == theirs


def test_cross_attention_is_that_of_the_alignment_heads(both: Both) -> None:
    mel, rows = random_mel(both.dims), np.random.default_rng(5).integers(0, both.dims.n_vocab, (1, 7))
    plain, words = (steps(both, name, mel, rows.tolist()) for name in ("decoder", "decoder_words"))
    np.testing.assert_allclose(plain["logits"], words["logits"], atol=1e-3)
    seen: list[Any] = []
    for block in both.whisper.decoder.blocks:
        block.cross_attn.register_forward_hook(lambda _m, _i, out: seen.append(out[1]))
    with torch.no_grad(), whisper.model.disable_sdpa():
        both.whisper(torch.from_numpy(mel), torch.from_numpy(rows))
    pairs = both.whisper.alignment_heads.indices().T.tolist()
    theirs = torch.stack([seen[layer][:, head] for layer, head in pairs]).softmax(dim=-1).numpy()
    assert words["cross_attention"].shape == theirs.shape
    np.testing.assert_allclose(words["cross_attention"], theirs, atol=1e-4)


def test_weights_may_lie_beside_the_graph(tmp_path: Path) -> None:
    checkpoint = read_whisper(save_whisper(random_whisper(SMALL_MANY), tmp_path / "w.pt"))
    graph = encoder_graph(checkpoint)
    inside = graph.writer.write(tmp_path / "encoder.onnx", graph.inputs, graph.outputs)
    assert inside == ("encoder.onnx",)
    mel = {"mel": random_mel(SMALL_MANY)}
    expected = session(tmp_path / "encoder.onnx").run(None, mel)
    beside = graph.writer.write(tmp_path / "encoder.onnx", graph.inputs, graph.outputs, external=10_000)
    assert beside == ("encoder.onnx", "encoder.onnx.data")
    assert (tmp_path / "encoder.onnx").stat().st_size < 50_000
    for ours, theirs in zip(session(tmp_path / "encoder.onnx").run(None, mel), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_embedding_is_held_once(tmp_path: Path) -> None:
    checkpoint = read_whisper(save_whisper(random_whisper(SMALL_MANY), tmp_path / "w.pt"))
    graph = decoder_graph(checkpoint)
    logits = []
    for external in (10**9, 10_000):
        graph.writer.write(tmp_path / "decoder.onnx", graph.inputs, graph.outputs, external=external)
        decoder = session(tmp_path / "decoder.onnx")
        feeds = {"tokens": np.array([[1, 51865]]), "offset": np.array([0])} | empty_cache(decoder, 1, 20)
        cross = {p.name: p.shape for p in decoder.get_inputs() if p.name.startswith("cross_")}
        feeds |= {name: np.ones((1, *shape[1:]), np.float32) for name, shape in cross.items()}
        logits.append(outputs(decoder, feeds)["logits"])
    np.testing.assert_array_equal(*logits)
    ours = sum(values.numel() for name, values in checkpoint.tensors.items() if name.startswith("decoder"))
    assert (tmp_path / "decoder.onnx.data").stat().st_size < 4.1 * ours
    stored = {
        t.name: t for t in onnx.load(tmp_path / "decoder.onnx", load_external_data=False).graph.initializer
    }
    assert stored["embedding"].external_data == stored["embedding.rows"].external_data
