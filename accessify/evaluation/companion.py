"""A process that answers requests until it is closed: a system that is measured again and again.

It stays up between the rounds of a measurement, waiting idle for its turn, so that no round pays
for starting an interpreter and loading networks. Requests and answers are JSON, one a line.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any

from accessify.core.errors import AccessifyError
from accessify.evaluation.matching import bench_package


class Companion:
    """One such process; a context manager that leaves nothing running."""

    def __init__(self, name: str, command: Sequence[str | Path], core: int | None = None) -> None:
        """Start `command`; with `core`, the process and its threads keep to that one core.

        Raises `AccessifyError` where it ends without its first answer, which tells its versions.
        """
        self.name = name
        self._complaints = TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, text=True
        )
        try:
            if core is not None:  # before it has threads, which inherit this
                bench_package("psutil").Process(self._process.pid).cpu_affinity([core])
            self.versions: dict[str, Any] = self.answer()
            """Packages it runs on."""
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Companion:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, request: Mapping[str, Any]) -> None:
        """Send a request without waiting."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._gone() from error

    def answer(self) -> dict[str, Any]:
        """Wait for the answer; raises `AccessifyError` with the process's own words where there is none."""
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        line = self._process.stdout.readline()
        if not line:
            raise self._gone()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise AccessifyError(answer["error"])
        return answer

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self.begin(request)
        return self.answer()

    def close(self) -> None:
        """End the process, in the middle of its work if need be."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # a request that it never read

    def _gone(self) -> AccessifyError:
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        return AccessifyError(f"{self.name} stopped before it gave a result: {said}")


def can_pin() -> bool:
    """Whether a process can be kept to one core here."""
    return hasattr(bench_package("psutil").Process, "cpu_affinity")


def own_cores() -> list[int]:
    """The cores this process may use; without a way to ask, none."""
    return list(bench_package("psutil").Process().cpu_affinity()) if can_pin() else []
