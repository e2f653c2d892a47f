from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from accessify.core.errors import ModelError  # noqa: E402
from accessify.engines.signs import OnnxSignEncoder, read_cohort  # noqa: E402
from accessify.evaluation.sign_film import Camera, film  # noqa: E402
from accessify.evaluation.sign_idle import idle  # noqa: E402
from accessify.evaluation.sign_motion import Manner, invent_signs  # noqa: E402
from accessify.evaluation.sign_motion import perform as perform_motion  # noqa: E402
from accessify.signs.alphabet import load_alphabet  # noqa: E402
from accessify.signs.encoding import SignCodes  # noqa: E402
from accessify.signs.samples import Samples  # noqa: E402
from accessify.training import sign_cohort  # noqa: E402
from accessify.training.chance import Chance  # noqa: E402
from accessify.training.export import export  # noqa: E402
from accessify.training.sign_classes import SignClasses, draw_classes, joined, one_thing_else  # noqa: E402
from accessify.training.sign_cohort import make_cohort, write_cohort  # noqa: E402
from accessify.training.sign_network import SignEncoder  # noqa: E402
from accessify.training.sign_performances import Performances, Performer  # noqa: E402
from accessify.training.signs import (  # noqa: E402
    SignTraining,
    export_signs,
    shape_library,
    train_ensemble,
    train_signs,
)
from accessify.training.strangers import pieces  # noqa: E402

ASE = load_alphabet("ase")
SHORT = SignTraining(steps=6, signs=16, shapes=80, save_every=2, bfloat16=False, warm_up=2)


def performer(seed: int = 0, liberty: float = 1.0) -> Performer:
    return Performer(shape_library(ASE, SHORT), Chance(seed), liberty=liberty)


def perform(signs: SignClasses, seed: int = 0, liberty: float = 1.0) -> Performances:
    return performer(seed, liberty).perform(signs)


def test_performances_are_clips_as_the_encoder_takes_them() -> None:
    made = perform(draw_classes(40, 80, Chance(1)))
    assert made.hands.shape == (40, 32, 2, 21, 3)
    assert torch.isfinite(made.hands).all()
    assert torch.isfinite(made.places).all()
    assert (made.seen[..., 0] == 1).all()
    assert 0.3 < made.seen[..., 1].mean() < 0.95
    assert (made.hands[made.seen == 0] == 0).all()
    assert (made.phase.diff(dim=1) >= -1e-5).all()  # time goes on
    assert -2.5 < made.places[..., 1].min() < made.places[..., 1].max() < 4


def test_two_performances_differ_and_yet_are_nearer_than_two_signs() -> None:
    signs = draw_classes(60, 80, Chance(2))
    one, two = (perform(signs, seed).places[:, :, 0] for seed in (1, 2))
    apart = (one[:, None] - two[None]).norm(dim=-1).mean(-1)
    same = apart.diagonal()
    assert same.min() > 0.02
    assert same.mean() < 0.75 * apart.mean()


def test_more_liberty_is_more_difference() -> None:
    signs = draw_classes(80, 80, Chance(2))

    def apart(liberty: float) -> float:
        one, two = (perform(signs, seed, liberty).hands[:, :, 0] for seed in (1, 2))
        return float((one - two).norm(dim=-1).mean())

    assert apart(0.3) < apart(1.0) < apart(2.0)


def test_a_minimal_pair_differs_in_one_thing() -> None:
    signs = draw_classes(300, 80, Chance(3))
    pair = one_thing_else(signs, 80, Chance(4))
    groups = (("shapes", "bends"), ("turns",), ("places",), ("bow", "circle"), ("base_shape", "base_place"))
    changed = torch.stack(
        [
            torch.stack(
                [(getattr(signs, name) != getattr(pair, name)).reshape(300, -1).any(1) for name in group]
            ).any(0)
            for group in groups
        ]
    )
    assert (changed.sum(0) <= 1).all()
    assert changed.any(1).all()


def test_joining_keeps_all() -> None:
    signs = draw_classes(5, 80, Chance(0))
    assert len(joined([signs, signs, signs])) == 15


def test_training_learns_and_the_same_seed_gives_the_same_encoder() -> None:
    one, two = (train_signs(ASE, SHORT).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


class Stopped(Exception):
    pass


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path) -> None:
    def stop(step: object) -> None:
        if getattr(step, "done", 0) == 5:
            raise Stopped

    whole = train_signs(ASE, SHORT).state_dict()
    with pytest.raises(Stopped):
        train_signs(ASE, SHORT, keep=tmp_path / "state.pt", on_progress=stop)
    resumed = train_signs(ASE, SHORT, keep=tmp_path / "state.pt").state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_little_training_finds_other_performances_of_the_same_sign() -> None:
    encoder = train_signs(ASE, replace(SHORT, steps=100, signs=48, warm_up=10, rate=3e-3))
    signs = draw_classes(300, 80, Chance(99))

    def found(network: SignEncoder) -> float:
        with torch.no_grad():
            one, two = (
                network(made.hands, made.seen, made.places)[1]
                for made in (perform(signs, 1), perform(signs, 2))
            )
        return float(((one @ two.T).argmax(1) == torch.arange(300)).float().mean())

    torch.manual_seed(0)
    assert found(encoder) > found(SignEncoder().eval()) + 0.1


def test_what_is_shipped_is_what_was_trained(tmp_path: Path) -> None:
    ensemble, trainings = train_ensemble(ASE, {"steps": 3, "seed": 5}, keep=tmp_path)
    assert [one.seed for one in trainings] == [8, 5, 16]
    assert export_signs(ensemble, ASE, tmp_path / "signs.onnx", {"recipe": "short"}) < 1e-4
    runner = OnnxSignEncoder(tmp_path / "signs.onnx")
    made = perform(draw_classes(70, 80, Chance(5)))  # more than a batch
    codes = runner(Samples(made.hands.numpy(), made.seen.numpy(), made.places.numpy()))
    with torch.no_grad():
        moments, wholes = ensemble(made.hands, made.seen, made.places)
    assert np.allclose(codes.moments, moments.numpy(), atol=1e-4)
    assert np.allclose(codes.wholes, wholes.numpy(), atol=1e-4)
    assert np.allclose(np.linalg.norm(codes.moments, axis=-1), 1, atol=1e-4)


def test_a_cohort_comes_back_as_it_was_written_and_knows_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_cohort, "BOOKS", 2)
    monkeypatch.setattr(sign_cohort, "SIZE", 40)

    def encoder(samples: Samples) -> SignCodes:
        """Sees where hands are, nothing else."""
        flat = np.concatenate([samples.places.reshape(len(samples), 32, -1), samples.seen], axis=-1) + 1e-3
        moments = (flat / np.linalg.norm(flat, axis=-1, keepdims=True)).astype(np.float32)
        wholes = moments.mean(axis=1)
        return SignCodes(moments, wholes / np.linalg.norm(wholes, axis=-1, keepdims=True))

    made = perform(draw_classes(6, 80, Chance(5)))
    clips = [
        Samples(*(part[row : row + 1].numpy() for part in (made.hands, made.seen, made.places)))
        for row in range(6)
    ]
    films = [[clips[0], clips[1]], [clips[2]], clips[3:]]
    cohort = make_cohort(encoder, ASE, films)
    assert cohort.stranger_sd > 0
    assert cohort.stranger != make_cohort(encoder, ASE).stranger
    write_cohort(cohort, tmp_path / "cohort.npz")
    read = read_cohort(tmp_path / "cohort.npz")
    for name in ("whole", "spread", "stranger", "stranger_sd"):
        assert getattr(read, name) == getattr(cohort, name)
    assert np.allclose(read.codes.moments, cohort.codes.moments, atol=0.02)
    assert np.allclose(np.linalg.norm(read.codes.wholes, axis=-1), 1, atol=1e-5)


def test_real_signing_is_cut_into_pieces_as_long_as_signs() -> None:
    """Eight signs in a row, from rest to rest; somebody who does not sign gives none."""
    signing = film(perform_motion(invent_signs(8, seed=1), Manner()), Camera())
    found = pieces(signing)
    assert 3 <= len(found) <= 16
    assert all(len(one) == 1 for one in found)
    assert pieces(film(idle("hanging", 5, seed=1), Camera())) == []


class Fickle(torch.nn.Module):
    """Answers otherwise once exported."""

    def forward(self, numbers: torch.Tensor) -> tuple[torch.Tensor]:
        return (numbers + 1 if torch.compiler.is_exporting() else numbers,)


def test_a_file_that_answers_otherwise_is_not_kept(tmp_path: Path) -> None:
    target = tmp_path / "network.onnx"
    target.write_text("what was there")
    with pytest.raises(ModelError, match="answers otherwise than torch"):
        export(Fickle(), target, {"numbers": torch.randn(3, 4)}, ("out",), {})
    assert target.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["network.onnx"]


def test_a_damaged_cohort_names_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "cohort.npz"
    path.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(ModelError, match="force-reinstall"):
        read_cohort(path)
