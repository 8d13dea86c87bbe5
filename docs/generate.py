"""Writes what the pages of this folder take from the code: `python docs/generate.py`.

Which blocks there are, and what makes each, is in the package `generating` beside this file. A test fails while a
block is not what the code says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from generating import filled

FOLDER: Final = Path(__file__).parent


def main() -> None:
    """Write every page anew that has changed."""
    for path in sorted(FOLDER.rglob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path.relative_to(FOLDER)}")


if __name__ == "__main__":
    main()
