from __future__ import annotations

from pathlib import Path

import pytest

from accessify.core.errors import ChecksumMismatch, DownloadFailed, OptionError
from accessify.core.progress import Progress
from accessify.hub.cache import is_whole, path_of
from accessify.hub.catalog import find_model
from accessify.hub.fetch import model_files
from accessify.hub.mirror import fetch_from_mirror, mirror_address
from tests.hub.local_models import TOKENS, WEIGHTS, make_model, make_wheel
from tests.hub.local_server import LocalServer

MODEL = make_model()
FILES = MODEL.files
SHARED_MIRROR = Path(__file__).parents[3] / "shared" / "mirror"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    (tmp_path / "mirror").mkdir()
    return tmp_path / "mirror"


def everything_is_here() -> bool:
    return all(is_whole(path_of(file), file, thorough=True) for file in FILES)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "places",
    [
        ("weights.onnx", "tokens.txt"),
        ("models/tiny/weights.onnx", "models/tiny/tokens.txt"),
        (FILES[0].sha256, FILES[1].sha256),
        ("any/how deep/it.bin", "renamed"),
    ],
    ids=["by name", "a copied cache", "by sha256", "by content alone"],
)
def test_a_folder_has_files_under_any_name(mirror: Path, places: tuple[str, str]) -> None:
    write(mirror / places[0], WEIGHTS)
    write(mirror / places[1], TOKENS)
    fetch_from_mirror(str(mirror), FILES, (), None)
    assert everything_is_here()
    assert (mirror / places[0]).read_bytes() == WEIGHTS  # copied, not moved


def test_a_folder_has_a_whole_wheel(mirror: Path) -> None:
    wheel = make_wheel(mirror)
    fetch_from_mirror(str(mirror), FILES, (wheel,), None)
    assert everything_is_here()
    assert (mirror / wheel.name).exists()


def test_progress_of_a_copy_is_told(mirror: Path) -> None:
    write(mirror / "weights.onnx", WEIGHTS)
    steps: list[Progress] = []
    fetch_from_mirror(str(mirror), FILES[:1], (), steps.append)
    assert steps[-1] == Progress("fetch tiny/weights.onnx", len(WEIGHTS), len(WEIGHTS), "B")


def test_a_file_of_the_right_name_and_size_but_other_bytes_is_not_taken(mirror: Path) -> None:
    write(mirror / "weights.onnx", WEIGHTS[::-1])
    with pytest.raises(DownloadFailed, match=r"it lacks tiny/weights\.onnx"):
        fetch_from_mirror(str(mirror), FILES[:1], (), None)
    assert not path_of(FILES[0]).exists()


def test_a_damaged_wheel_is_not_opened(mirror: Path) -> None:
    wheel = make_wheel(mirror)
    content = bytearray((mirror / wheel.name).read_bytes())
    content[500] ^= 0xFF
    write(mirror / wheel.name, bytes(content))
    with pytest.raises(DownloadFailed, match="it lacks"):
        fetch_from_mirror(str(mirror), FILES, (wheel,), None)


def test_what_a_folder_has_is_taken_and_what_it_lacks_is_named(mirror: Path) -> None:
    write(mirror / "tokens.txt", TOKENS)
    with pytest.raises(DownloadFailed, match=r"it lacks tiny/weights\.onnx$"):
        fetch_from_mirror(str(mirror), FILES, (), None)
    assert path_of(FILES[1]).read_bytes() == TOKENS


def test_a_folder_that_is_not_there_is_told(mirror: Path) -> None:
    with pytest.raises(DownloadFailed, match="no such folder"):
        fetch_from_mirror(str(mirror / "gone"), FILES, (), None)


@pytest.mark.parametrize(
    "paths",
    [
        ("/weights.onnx", "/tokens.txt"),
        ("/tiny/weights.onnx", "/tiny/tokens.txt"),
        (f"/{FILES[0].sha256}", f"/{FILES[1].sha256}"),
    ],
    ids=["by name", "by model and name", "by sha256"],
)
def test_a_site_has_files(server: LocalServer, paths: tuple[str, str]) -> None:
    server.files = dict(zip(paths, (WEIGHTS, TOKENS), strict=True))
    fetch_from_mirror(server.address + "/", FILES, (), None)
    assert everything_is_here()


def test_a_site_has_a_whole_wheel_whose_download_resumes(server: LocalServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    server.files = {f"/pool/{wheel.name}": (tmp_path / wheel.name).read_bytes()}
    server.acts = [""] * 6 + ["cut"]  # three addresses for each of two files, then the wheel
    fetch_from_mirror(f"{server.address}/pool", FILES, (wheel,), None)
    assert everything_is_here()
    assert server.paths[-2:] == [f"/pool/{wheel.name}"] * 2


def test_a_file_of_another_model_with_the_same_name_is_passed_over(server: LocalServer) -> None:
    server.files = {"/tiny/weights.onnx": b"of another size", "/weights.onnx": WEIGHTS}
    fetch_from_mirror(server.address, FILES[:1], (), None)
    assert path_of(FILES[0]).read_bytes() == WEIGHTS


def test_a_site_that_alters_files_is_told(server: LocalServer) -> None:
    server.files, server.always = {"/weights.onnx": WEIGHTS}, "corrupt"
    with pytest.raises(ChecksumMismatch, match=server.address):
        fetch_from_mirror(server.address, FILES[:1], (), None)


@pytest.mark.parametrize("address", ["ftp://host/models", "https://me:secret@host/models"])
def test_an_address_that_cannot_serve_is_told_without_its_password(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_MIRROR", address)
    with pytest.raises(OptionError, match="ACCESSIFY_MIRROR") as caught:
        mirror_address()
    assert "secret" not in str(caught.value)


def test_no_mirror_is_no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mirror_address() is None
    monkeypatch.setenv("ACCESSIFY_MIRROR", "")
    assert mirror_address() is None


@pytest.mark.skipif(not SHARED_MIRROR.is_dir(), reason="needs a mirror of real models beside the checkout")
def test_a_real_mirror_is_used_without_dialling_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(SHARED_MIRROR))
    paths = model_files("face-landmarker", offline=True)
    assert is_whole(paths["face_landmarker.task"], find_model("face-landmarker").files[0], thorough=True)
