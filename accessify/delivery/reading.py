"""Opening files to read, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accessify.core.errors import FormatError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise `FormatError` instead of the `OSError` of a file or folder that is absent or refuses."""
    try:
        yield
    except FileNotFoundError:
        raise FormatError("there is no such file; check the path", source=str(path)) from None
    except OSError as error:
        raise FormatError(
            f"cannot be read ({error.strerror or error}); give a readable file", source=str(path)
        ) from None
