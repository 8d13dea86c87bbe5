"""What the studio needs beyond the core."""

from __future__ import annotations

import importlib.util

from efgan_kit.errors import fail


def refuse_without_gradio() -> None:
    """Raises EfganError unless gradio is installed."""
    if importlib.util.find_spec("gradio") is None:
        raise fail("efgan studio", "needs gradio, which is not installed", "pip install 'efgan-kit[studio]'")
