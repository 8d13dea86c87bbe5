"""What a component's docstring says beside its parameters: what it is, and the paper that it comes from."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, Final

_SECTION: Final = re.compile(r"^(Args|Arguments|Attributes|Returns|Raises|Yields|Examples?|Notes?):\s*$", re.M)
_SOURCE: Final = re.compile(r"\b(?:Sources?|Papers?|References?)(?: of [^:\n]*)?:\s+", re.M)
_CITED: Final = re.compile(r"\b(?:19|20)\d\d\b|arXiv:|\bdoi\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=[.;])\s+(?=[A-Z*])")


def prose_of(target: Callable[..., Any]) -> str:
    """The docstring of a component up to its first section, a line a paragraph; without those that `paper_of` gives."""
    text = inspect.getdoc(target) or ""
    if section := _SECTION.search(text):
        text = text[: section.start()]
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph and not _SOURCE.match(paragraph))


def paper_of(target: Callable[..., Any]) -> str:
    """What its docstring cites: what follows `Source:`, or else the sentences that name a year, arXiv or a doi."""
    text = inspect.getdoc(target) or ""
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
    named = [paragraph[match.end() :] for paragraph in paragraphs if (match := _SOURCE.search(paragraph))]
    sentences = (s for paragraph in prose_of(target).splitlines() for s in _SENTENCE.split(paragraph))
    return " ".join(named or (sentence for sentence in sentences if _CITED.search(sentence)))
