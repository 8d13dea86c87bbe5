"""What a face's pixels come from besides its picture: code and libraries, as part of the name it is kept under."""

from __future__ import annotations

import functools
import hashlib
import platform
from pathlib import Path
from types import ModuleType

import numpy as np
import PIL
from PIL import features


@functools.cache
def made_by(*modules: ModuleType) -> bytes:
    """Another value whenever modules or packages, or the libraries below them, are other ones than before.

    It is the source that counts, so that no number must be raised by hand when the code changes, and a face that other
    code made is never taken for this one's.
    """
    digest = hashlib.blake2b(digest_size=16)
    for module in modules:
        for file in _files(module):
            digest.update(file.read_bytes())
    codecs = [features.version(name) for name in ("jpg", "libjpeg_turbo", "webp", "zlib")]
    libraries = [PIL.__version__, np.__version__, *codecs, platform.machine()]
    digest.update(repr(libraries).encode())
    return digest.digest()


def _files(module: ModuleType) -> list[Path]:
    here = Path(str(module.__file__))
    return sorted(here.parent.rglob("*.py")) if here.name == "__init__.py" else [here]
