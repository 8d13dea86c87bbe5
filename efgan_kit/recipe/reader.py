"""YAML text to nodes with positions.

Scalars follow the YAML 1.2 core schema, which is what people expect: `1e-4` is a number, `on` and `yes` are
text. Tags, merge keys and several documents are refused; so are duplicate keys, of which PyYAML would take
the last without a word.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

import yaml

from efgan_kit.errors import fail
from efgan_kit.recipe.nodes import MISSING, Node, Place, Problems, Value

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000
"""Values in a document after its aliases are expanded; a recipe has some hundred."""

_CORE: Final = "tag:yaml.org,2002:"
_RESOLVERS: Final = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
)
_WORDS: Final = {"int": "whole number", "float": "number", "bool": "true or false"}


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the core schema's scalars, a limit on depth, and `???` within braces."""

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012 - the attribute that PyYAML reads, of its own shape
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def fetch_key(self) -> None:
        """Within braces PyYAML takes every `?` for the start of a key, YAML 1.2 only one before a space."""
        if not self.flow_level or self.prefix(len(MISSING)) != MISSING:
            super().fetch_key()
            return
        self.save_possible_simple_key()
        self.allow_simple_key = False
        start = self.get_mark()
        self.forward(len(MISSING))
        self.tokens.append(yaml.ScalarToken(MISSING, True, start, self.get_mark()))


for _tag, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_CORE + _tag, re.compile(rf"(?:{_pattern})$"), _first)

RESOLVERS: Final[dict[str, list[tuple[str, re.Pattern[str]]]]] = _Loader.yaml_implicit_resolvers
"""By first character, what plain text is taken for other than text."""


def read_file(path: Path, shown: str, problems: Problems, *, form: str = "recipe") -> Node:
    """Read a recipe's file, or a document of another form that is written the same way.

    Args:
        shown: What messages call the file.
        form: The document's first key, and what messages call the document.

    Raises:
        EfganError: It cannot be read, or is not YAML. Lesser faults go to `problems`.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise fail(shown, f"cannot be read: {error.strerror or error}") from error
    if data is None:
        raise fail(shown, f"is larger than {MAX_BYTES:,} bytes, too large for a {form}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise fail(f"{shown}:{line}", what, "save the file as UTF-8") from error
    return read_text(text, shown, problems, form=form)


def read_text(text: str, shown: str, problems: Problems, *, form: str = "recipe") -> Node:
    """Read YAML text whose document is a mapping.

    Raises:
        EfganError: It is not YAML, or not a mapping. Lesser faults go to `problems`.
    """
    node = read_value(text, shown, problems)
    if not isinstance(node.value, dict):
        what = "is empty" if node.value is None else "is not a mapping of keys to values"
        raise fail(str(node.place), f"the {form} {what}", f"a {form} begins with `{form}: 1`")
    return node


def read_value(text: str, shown: str, problems: Problems, fixed: Place | None = None) -> Node:
    """Read one YAML document of any form.

    Args:
        fixed: The place of everything in it, for text that has no lines of its own (`-o KEY=VALUE`).
    """
    try:
        document = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark, shown, fixed)
        raise fail(str(place), f"not YAML: {error.problem or 'malformed'}", _context(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        place = fixed or Place(shown, line, error.position - text.rfind("\n", 0, error.position))
        raise fail(str(place), f"character U+{error.character:04X} does not belong into YAML") from error
    if document is None:
        return Node(None, fixed or Place(shown, 1, 1))
    return _Converter(shown, problems, fixed).node(document, 0)


def _context(error: yaml.MarkedYAMLError) -> str:
    """What the parser was in the middle of, and where that began: the bracket or quote that nobody closed."""
    begun = f", begun at line {error.context_mark.line + 1}" if error.context_mark else ""
    return f"{error.context}{begun}" if error.context else ""


def _place(mark: Any, shown: str, fixed: Place | None) -> Place:
    if fixed or mark is None:
        return fixed or Place(shown)
    return Place(shown, mark.line + 1, mark.column + 1)


class _Converter:
    """PyYAML's nodes to ours, with aliases expanded and counted."""

    def __init__(self, shown: str, problems: Problems, fixed: Place | None) -> None:
        self.shown = shown
        self.problems = problems
        self.fixed = fixed
        self.count = 0

    def node(self, source: Any, depth: int, key: Place | None = None) -> Node:
        place = _place(source.start_mark, self.shown, self.fixed)
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise fail(str(place), "its aliases expand without end or to too many values", "write them out")
        if isinstance(source, yaml.MappingNode):
            return Node(self.entries(source, depth), place, key)
        if isinstance(source, yaml.SequenceNode):
            self.refuse_tag(source, "seq", place)
            return Node([self.node(item, depth + 1) for item in source.value], place, key)
        return Node(self.scalar(source, place), place, key)

    def entries(self, source: Any, depth: int) -> dict[str, Node]:
        self.refuse_tag(source, "map", _place(source.start_mark, self.shown, self.fixed))
        entries: dict[str, Node] = {}
        for key_node, value_node in source.value:
            key_place = _place(key_node.start_mark, self.shown, self.fixed)
            value = self.node(value_node, depth + 1, key_place)
            if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
                self.problems.add(key_place, "a key must be a word")
            elif key_node.value == "<<":
                self.problems.add(key_place, "merge keys are not part of a recipe", "use `extends: PARENT`")
            elif key_node.value in entries:
                first = entries[key_node.value].named_at
                at = f"line {first.line}" if first.line else "the same mapping"
                what = f"the key '{_short(key_node.value)}' is already set at {at}"
                self.problems.add(key_place, what, "keep one of them")
            else:
                entries[key_node.value] = value
        return entries

    def refuse_tag(self, source: Any, expected: str, place: Place) -> None:
        if source.tag != _CORE + expected:
            self.problems.add(place, f"the tag '{source.tag}' is not part of a recipe", "leave it out")

    def scalar(self, source: Any, place: Place) -> Value:
        tag, text = source.tag.removeprefix(_CORE), source.value
        if tag == "str":
            return str(text)
        if tag == "null":
            return None
        if tag == "bool" and text.lower() in ("true", "false"):
            return bool(text.lower() == "true")
        number = _number(tag, text)
        if number is None:
            self.problems.add(
                place, f"'{_short(text)}' is not a {_WORDS.get(tag, tag)} that a recipe can hold"
            )
        return number


def _number(tag: str, text: str) -> int | float | None:
    """The number, or None where it is none, too long for an integer or too large for a float."""
    try:
        if tag == "int" and len(text.lstrip("+-")) <= 18:
            return int(text)
        if tag == "float" and math.isfinite(float(text)):
            return float(text)
    except ValueError:
        pass
    return None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
