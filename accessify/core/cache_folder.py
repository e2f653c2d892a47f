"""Where accessify keeps what it can make or fetch again: models, graphs, what devices compiled of them."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """The platform's cache folder, or where `ACCESSIFY_CACHE` says; it need not exist."""
    chosen = os.environ.get("ACCESSIFY_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return user_cache_path("accessify", appauthor=False)
