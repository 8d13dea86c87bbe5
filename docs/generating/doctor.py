"""What `efgan plugin doctor` looks at."""

from __future__ import annotations

from collections.abc import Iterator

from efgan_kit.diagnosis import PROMISES
from generating.markdown import table


def promises() -> Iterator[str]:
    """What a plugin promises to those who install it, by the doctor's names."""
    yield table(("promise", "what it is"), list(PROMISES.items()))
