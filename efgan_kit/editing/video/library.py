"""PyAV, which reads and writes clips: an extra, loaded where it is first needed."""

from __future__ import annotations

from types import ModuleType

from efgan_kit.errors import fail


def pyav(where: str) -> ModuleType:
    """The library. Raises EfganError, blaming `where`, if it isn't installed."""
    try:
        import av
    except ImportError as error:
        raise fail(where, "clips need PyAV, which is not installed", "pip install 'efgan-kit[video]'") from error
    return av


def why(error: Exception) -> str:
    """What FFmpeg says of a failure, in a clause."""
    text = str(getattr(error, "strerror", "") or error or type(error).__name__)
    return text.splitlines()[0].rstrip(".")
