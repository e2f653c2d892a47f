from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.cli.train import command  # noqa: E402
from tests.meaning import COMPACT  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary


def test_the_shipped_file_is_unpacked_as_openai_whispers_checkpoint(tmp_path: Path) -> None:
    output = tmp_path / "small.pt"
    result = CliRunner().invoke(command, ["whisper", "--unpack", str(COMPACT), "-o", str(output)])
    assert result.exit_code == 0, result.output
    assert result.output == f"wrote {output}\n"
    checkpoint = torch.load(output, weights_only=True)
    assert checkpoint["dims"]["n_vocab"] == 51865
    assert checkpoint["model_state_dict"]["decoder.token_embedding.weight"].shape == (51865, 128)


@pytest.mark.parametrize("name", ["model.onnx", "model.npz"])
def test_only_a_checkpoint_can_be_unpacked(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(
        command, ["whisper", "--unpack", str(COMPACT), "-o", str(tmp_path / name)], standalone_mode=False
    )
    assert "end the name in .pt" in str(result.exception)


def test_a_short_training_writes_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        command, ["whisper", "--steps", "1", "-o", "small.pt"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"small.pt"}
