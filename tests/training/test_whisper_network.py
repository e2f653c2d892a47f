from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
whisper = pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.core.errors import ModelError  # noqa: E402
from accessify.training.whisper_batches import mel_of  # noqa: E402
from accessify.training.whisper_file import build, pack  # noqa: E402
from accessify.training.whisper_network import EDGE, VOCABULARY, Pupil, Size  # noqa: E402

FIRST_TIME = 50364
USED = (*range(0, 4000, 100), 50257, 50258, 50259, 50260, *range(FIRST_TIME, FIRST_TIME + 1501))
SMALL = Size(width=32, heads=1, encoder=2, decoder=2, context=100, text=16)


@pytest.fixture(scope="module")
def pupil() -> Pupil:
    with torch.random.fork_rng():
        torch.manual_seed(4)
        made = Pupil(USED, FIRST_TIME, SMALL)
        with torch.no_grad():
            for value in made.whisper.parameters():
                value.copy_(value.half())  # as the file has them
    return made.eval()


@pytest.fixture(scope="module")
def whole(pupil: Pupil, tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("whisper")
    pack(pupil, folder / "small.npz", {"licence": "none"})
    return whisper.load_model(str(build(folder / "small.npz", folder / "small.pt")), device="cpu")


def samples(positions: int) -> np.ndarray:
    sound = np.random.default_rng(3).normal(0, 0.1, positions * 320)
    return np.concatenate((sound, np.zeros(10 * 320))).astype(np.float32)


def test_the_compact_softmax_is_the_whole_one(pupil: Pupil, whole: object) -> None:
    sound = samples(40)
    silent = SMALL.context - 55
    positions = torch.arange(SMALL.context)[None]
    lines = torch.tensor([[2, 5, 7, 41, 60]])
    with torch.no_grad():
        heard = pupil.hear(mel_of(sound, 55 + EDGE)[None], positions, silent)
        compact = pupil.write(heard, lines).logits.log_softmax(-1)
        true = whole.logits(torch.tensor(USED)[lines], heard.states).log_softmax(-1)
    assert true.shape[-1] == VOCABULARY
    assert torch.allclose(compact[..., :-1], true[..., list(USED)], atol=1e-4)
    rest = sorted(set(range(VOCABULARY)) - set(USED))
    assert torch.allclose(compact[..., -1], true[..., rest].logsumexp(-1), atol=1e-4)
    assert torch.equal(true[..., rest].amin(-1), true[..., rest].amax(-1))


def test_hearing_with_all_silence_is_the_whole_encoder(pupil: Pupil, whole: object) -> None:
    sound = samples(40)
    clip = 55
    with torch.no_grad():
        short = pupil.hear(
            mel_of(sound, clip + EDGE)[None], torch.arange(SMALL.context)[None], SMALL.context - clip
        )
        true = whole.encoder(mel_of(sound, SMALL.context)[None])
    assert torch.allclose(short.states, true, atol=1e-3)
    assert not short.weights.any()


def test_a_sample_of_the_silence_counts_for_all_of_it(pupil: Pupil) -> None:
    sound, clip = mel_of(samples(40), 55 + EDGE)[None], 55
    chosen = torch.cat((torch.arange(clip, SMALL.context - 1)[2::5], torch.tensor([SMALL.context - 1])))
    with torch.no_grad():
        all_of_it = pupil.hear(sound, torch.arange(SMALL.context)[None], SMALL.context - clip)
        some = pupil.hear(sound, torch.cat((torch.arange(clip), chosen))[None], len(chosen))
        forgotten = pupil.hear(sound, torch.arange(clip)[None], 0)
    aim = all_of_it.states[:, :clip]
    error = (some.states[:, :clip] - aim).abs().mean()
    assert error < 0.5 * (forgotten.states - aim).abs().mean()


def test_the_decoder_is_openai_whispers(pupil: Pupil) -> None:
    heard = pupil.hear(mel_of(samples(20), 30 + EDGE)[None], torch.arange(30)[None], 0)
    lines = torch.tensor([[1, 2, 3, 44]])
    with torch.no_grad():
        ours = pupil.write(heard, lines)
        theirs = pupil.whisper.decoder(lines, heard.states)
    assert torch.allclose(ours.logits[..., :-1], theirs[..., :-1], atol=1e-4)
    assert torch.allclose(ours.attention.sum(-1), torch.ones(1, SMALL.heads, 4), atol=1e-5)


def test_a_file_that_is_no_compact_whisper_is_an_error(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.npz"
    wrong.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="no compact Whisper"):
        build(wrong, tmp_path / "out.pt")
    np.savez(wrong, used=np.zeros(3))
    with pytest.raises(ModelError, match="no compact Whisper"):
        build(wrong, tmp_path / "out.pt")
    assert not (tmp_path / "out.pt").exists()


@pytest.mark.parametrize("part", ["decoder.token_embedding.weight", "used", "dims"])
def test_a_compact_file_without_a_part_is_an_error(part: str, pupil: Pupil, tmp_path: Path) -> None:
    pack(pupil, tmp_path / "whole.npz", {})
    with np.load(tmp_path / "whole.npz") as file:
        parts = {name: file[name] for name in file.files if name != part}
    np.savez(tmp_path / "less.npz", **parts)
    with pytest.raises(ModelError, match=r"less\.npz: no compact Whisper"):
        build(tmp_path / "less.npz", tmp_path / "out.pt")
    assert not (tmp_path / "out.pt").exists()
