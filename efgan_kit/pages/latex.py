"""Text as LaTeX sets it, by pdfLaTeX, XeLaTeX and LuaLaTeX alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_COMMANDS: Final = {
    "\\": "textbackslash", "~": "textasciitilde", "^": "textasciicircum", "<": "textless", ">": "textgreater",
    "|": "textbar", "`": "textasciigrave",
}  # fmt: skip
_SIGNS: Final = {
    "±": "pm", "×": "times", "÷": "div", "·": "cdot", "≤": "le", "≥": "ge", "≠": "ne", "≈": "approx", "∞": "infty",
    "←": "leftarrow", "→": "rightarrow", "↑": "uparrow", "↓": "downarrow", "∈": "in", "√": "surd", "µ": "mu",
    "∆": "Delta", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho",
    "ς": "varsigma", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
"""Set in mathematics, where every engine and every font has them."""
_TEX: Final = {
    **{character: rf"\{character}" for character in "&%$#_{}"},
    **{character: rf"\{command}{{}}" for character, command in _COMMANDS.items()},
    **{sign: rf"$\{command}$" for sign, command in _SIGNS.items()},
    "−": "$-$", "\N{NO-BREAK SPACE}": "~", "\N{NARROW NO-BREAK SPACE}": r"\,",
}  # fmt: skip
_MINUS: Final = re.compile(r"(?<![\w-])-(?=\d)")
_OPENING: Final = re.compile(r'(?<![^\s(\[])"(?=\S)')

_T1: Final = frozenset("«»ÐÞðþĄąĐđĘęĮįŊŋŲų‚„‹›")
"""What pdfLaTeX sets in the encoding T1 alone, found by setting every character of Latin-1 and of its extension A."""
_SETS: Final = (
    _T1 | set(_TEX) | set("ȘșȚț‐‑‒–—―‘’“”†‡•…‰€™№") | {chr(code) for code in range(0xA1, 0x180)} - set("ĦħĸĿŀŉŦŧſ")
)
"""All that it sets of what is not ASCII."""


def escape_latex(text: str) -> str:
    """Text that LaTeX sets as it stands; a minus before a number is set as one, quotation marks are curled.

    An interval or a star that begins a cell would be taken for an argument of the row's end before it, and is guarded.
    """
    escaped = "".join(_TEX.get(character, character) for character in _shown(text))
    escaped = _OPENING.sub("``", escaped).replace('"', "''")
    escaped = _MINUS.sub("$-$", escaped)
    while "--" in escaped:
        escaped = escaped.replace("--", "-{}-")  # two hyphens would be set as one dash
    return "{}" + escaped if escaped.startswith(("[", "*")) else escaped


def latex_needs(text: str) -> list[str]:
    """What a document needs beyond the default to set such a text, a line each."""
    shown = set(_shown(text))
    strangers = sorted(character for character in shown - _SETS if not character.isascii())
    lines = [r"under pdfLaTeX needs \usepackage[T1]{fontenc}"] if shown & _T1 else []
    if strangers:
        hint = "XeLaTeX and LuaLaTeX set them in a font that has them"
        lines.append(f"pdfLaTeX by itself has no {' '.join(strangers)}: {hint}")
    return lines


def _shown(text: str) -> str:
    """The text on one line, accents on their letters, without what controls a terminal."""
    line = "".join(" " if character.isspace() and character not in "\u00a0\u202f" else character for character in text)
    kept = (character for character in line if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept))
