"""OpenGL without a window, on the graphics card where there is one, else on the processor."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from accessify.core.errors import AccessifyError, MissingExtra, NoOpenGL

if TYPE_CHECKING:
    from moderngl import Context

_NEEDED = 330
"""OpenGL 3.3: the least that draws as we do."""


class _Explained:
    """Turns whatever a driver's library fails with into `NoOpenGL`."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, AccessifyError):
            raise NoOpenGL(str(error) or type(error).__name__) from error


def open_context() -> Context:
    """A new context of OpenGL, current in this thread; release it after use.

    On Linux by EGL, which needs no screen; elsewhere as the system has it.
    Raises `MissingExtra` without moderngl, `NoOpenGL` where nothing can draw.
    """
    try:
        import moderngl
    except ImportError as error:
        raise MissingExtra("moderngl", "avatar") from error
    options: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
    with _Explained():
        return moderngl.create_context(require=_NEEDED, standalone=True, **options)
