"""Networks that we trained ourselves: they come with the package and need no fetching."""

from __future__ import annotations

from pathlib import Path

from accessify.core.errors import ModelNotFound

LETTERS_ASE = "letters-ase.onnx"
SIGNS = "signs.onnx"
SIGN_COHORT = "signs-cohort.npz"
SHIPPED = (LETTERS_ASE, SIGNS, SIGN_COHORT)

_PACKAGE = Path(__file__).parents[1] / "shipped"
_CHECKOUT = Path(__file__).parents[2] / "models"
"""Where an installed package and a checkout of the source have them."""


def shipped_model(name: str) -> Path:
    """The file called `name`, one of `SHIPPED`; raises `ModelNotFound` where the package is not whole."""
    for folder in (_PACKAGE, _CHECKOUT):
        path = folder / name
        if path.is_file():
            return path
    raise ModelNotFound(
        f"{name} is missing from this installation; run: pip install --force-reinstall accessify", path=name
    )
