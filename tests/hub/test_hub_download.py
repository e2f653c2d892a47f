from __future__ import annotations

import errno
import os
import shutil
import ssl
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed, OutputError
from accessify.core.progress import Progress
from accessify.hub.cache import part_of
from accessify.hub.catalog import ModelFile
from accessify.hub.download import Absent, Patience, download
from tests.hub.local_models import WEIGHTS, make_file, sha256
from tests.hub.local_server import LocalServer

WANTED = make_file("weights.onnx", WEIGHTS)
QUICK = Patience(stall=0.2, attempts=3, pause=0.001)
HALF = len(WEIGHTS) // 2


def fetch(server: LocalServer, wanted: ModelFile = WANTED, patience: Patience = QUICK) -> Path:
    return download(f"{server.address}/tiny_models/weights.onnx", wanted, patience=patience)


def leave_part(content: bytes) -> Path:
    part = part_of(WANTED)
    part.parent.mkdir(parents=True)
    part.write_bytes(content)
    return part


def test_a_whole_answer_is_one_request(server: LocalServer) -> None:
    assert fetch(server).read_bytes() == WEIGHTS
    assert server.requests == [("/tiny_models/weights.onnx", None)]


def test_a_cut_connection_is_resumed_where_it_broke(server: LocalServer) -> None:
    server.acts = ["cut", "cut:1000"]
    assert fetch(server).read_bytes() == WEIGHTS
    assert [asked for _, asked in server.requests] == [None, f"bytes={HALF}-", f"bytes={HALF + 1000}-"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(WEIGHTS)), max_size=6), ranges=st.booleans())
def test_any_cuts_end_in_the_same_bytes_or_an_error(
    server: LocalServer, cuts: list[int], ranges: bool
) -> None:
    server.acts, server.ranges = [f"cut:{cut}" for cut in cuts], ranges
    part_of(WANTED).unlink(missing_ok=True)
    patience = Patience(attempts=len(cuts) + 1, pause=0)
    assert fetch(server, patience=patience).read_bytes() == WEIGHTS


def test_a_server_that_knows_no_ranges_sends_it_all_again(server: LocalServer) -> None:
    server.acts, server.ranges = ["cut"], False
    assert fetch(server).read_bytes() == WEIGHTS
    assert len(server.requests) == 2


def test_a_stalled_connection_is_given_up_and_resumed(server: LocalServer) -> None:
    server.acts = ["stall"]
    assert fetch(server).read_bytes() == WEIGHTS
    assert server.requests[1][1] == f"bytes={HALF}-"  # nothing that arrived before was lost


def test_a_server_that_brings_nothing_new_is_given_up(server: LocalServer) -> None:
    server.always = "cut:0"
    with pytest.raises(DownloadFailed, match=f"cut after 0 of {len(WEIGHTS)} bytes"):
        fetch(server)
    assert len(server.requests) == QUICK.attempts


def test_a_server_that_always_brings_a_little_is_not_given_up(server: LocalServer) -> None:
    server.always = "cut:30000"  # nine connections, three attempts
    assert fetch(server).read_bytes() == WEIGHTS


def test_a_server_that_only_stalls_says_so(server: LocalServer) -> None:
    server.always = "stall"
    tiny = make_file("weights.onnx", b"x")
    server.files["/tiny_models/weights.onnx"] = b"x"
    with pytest.raises(DownloadFailed, match="stalled"):
        fetch(server, tiny, Patience(stall=0.05, attempts=2, pause=0.001))


def test_a_fresh_download_with_wrong_bytes_is_thrown_away(server: LocalServer) -> None:
    server.always = "corrupt"
    with pytest.raises(ChecksumMismatch, match=r"run the same command again.*ACCESSIFY_MIRROR") as caught:
        fetch(server)
    assert caught.value.expected == WANTED.sha256
    assert caught.value.actual == sha256(bytes(byte ^ 0xFF for byte in WEIGHTS))
    assert not part_of(WANTED).exists()
    assert len(server.requests) == 1


def test_a_damaged_part_of_an_earlier_run_is_fetched_anew(server: LocalServer) -> None:
    leave_part(b"\0" * HALF)
    assert fetch(server).read_bytes() == WEIGHTS
    assert [asked for _, asked in server.requests] == [f"bytes={HALF}-", None]


def test_a_good_part_of_an_earlier_run_is_kept(server: LocalServer) -> None:
    leave_part(WEIGHTS[:-7])
    assert fetch(server).read_bytes() == WEIGHTS
    assert [asked for _, asked in server.requests] == [f"bytes={len(WEIGHTS) - 7}-"]


def test_a_complete_part_needs_no_request(server: LocalServer) -> None:
    leave_part(WEIGHTS)
    assert fetch(server).read_bytes() == WEIGHTS
    assert server.requests == []


def test_a_part_that_is_too_long_is_started_over(server: LocalServer) -> None:
    leave_part(WEIGHTS + b"more")
    assert fetch(server).read_bytes() == WEIGHTS
    assert server.requests[0][1] is None


def test_a_server_that_resumes_elsewhere_is_asked_from_the_start(server: LocalServer) -> None:
    server.acts = ["cut", "elsewhere"]
    assert fetch(server).read_bytes() == WEIGHTS
    assert [asked for _, asked in server.requests] == [None, f"bytes={HALF}-", None]


def test_a_server_that_refuses_the_range_is_asked_from_the_start(server: LocalServer) -> None:
    leave_part(b"\0" * 5)
    server.acts = ["416"]
    assert fetch(server).read_bytes() == WEIGHTS
    assert [asked for _, asked in server.requests] == ["bytes=5-", None]


@pytest.mark.parametrize("status", ["500", "503", "429", "408"])
def test_a_passing_failure_is_tried_again(server: LocalServer, status: str) -> None:
    server.acts = [status, status]
    assert fetch(server).read_bytes() == WEIGHTS


def test_a_lasting_failure_is_told_with_its_status(server: LocalServer) -> None:
    server.always = "500"
    with pytest.raises(DownloadFailed, match="500 Internal Server Error"):
        fetch(server)
    assert len(server.requests) == QUICK.attempts


@pytest.mark.parametrize(("status", "error"), [("404", Absent), ("410", Absent), ("403", DownloadFailed)])
def test_a_refusal_is_not_tried_again(server: LocalServer, status: str, error: type[DownloadFailed]) -> None:
    server.always = status
    with pytest.raises(error, match=status) as caught:
        fetch(server)
    assert type(caught.value) is error
    assert len(server.requests) == 1


def test_a_page_in_place_of_the_file_is_not_downloaded(server: LocalServer) -> None:
    server.files["/"] = b"<html>please log in</html>"
    with pytest.raises(Absent, match="26 bytes of text/html, not the 256000 bytes"):
        download(f"{server.address}/", WANTED, patience=QUICK)
    assert not part_of(WANTED).exists()


def test_a_body_without_an_end_is_stopped(server: LocalServer) -> None:
    server.always = "endless"
    with pytest.raises(Absent, match="more than the 256000 bytes"):
        fetch(server)
    assert not part_of(WANTED).exists()


def test_nobody_listening_is_told(server: LocalServer) -> None:
    server.close()
    with pytest.raises(DownloadFailed, match=f"{server.address}.*{os.strerror(errno.ECONNREFUSED)}"):
        fetch(server)


def test_progress_grows_to_the_size(server: LocalServer) -> None:
    server.acts = ["cut"]
    steps: list[Progress] = []
    download(f"{server.address}/tiny_models/weights.onnx", WANTED, steps.append, QUICK)
    assert all(before.done < after.done for before, after in pairwise(steps))
    assert steps[-1] == Progress("fetch tiny/weights.onnx", len(WEIGHTS), len(WEIGHTS), "B")


def test_the_proxy_of_the_environment_is_used(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    address = "http://models.invalid/weights.onnx"
    server.files[address] = WEIGHTS  # a proxy is asked for the whole address
    assert download(address, WANTED, patience=QUICK).read_bytes() == WEIGHTS


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_an_untrusted_certificate_names_the_fix(server: LocalServer, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(DownloadFailed, match=r"not trusted.*SSL_CERT_FILE"):
        download(f"https://127.0.0.1:{server.server_port}/weights.onnx", WANTED, patience=QUICK)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_disk_that_fills_up_leaves_nothing(server: LocalServer) -> None:
    part = part_of(WANTED)
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(DiskFull, match="free some space"):
        fetch(server)
    assert list(part.parent.iterdir()) == []


def test_a_file_larger_than_the_disk_is_not_begun(server: LocalServer) -> None:
    vast = ModelFile("vast.bin", 10**18, "0" * 64, "vast", "vast.bin")
    with pytest.raises(DiskFull, match="1000000000000 MB needed"):
        download(f"{server.address}/vast.bin", vast)
    assert server.requests == []


def test_a_cache_that_cannot_be_written_names_the_setting(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OutputError, match="set ACCESSIFY_CACHE"):
        fetch(server)
