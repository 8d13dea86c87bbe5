"""Where is kept what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`EFGAN_CACHE_DIR`, by default `~/.cache/efgan_kit`."""
    return Path(os.environ.get("EFGAN_CACHE_DIR") or Path("~/.cache/efgan_kit").expanduser())
