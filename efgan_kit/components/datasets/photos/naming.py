"""Photo folders whose file names say who is who: which pictures are used, whose they are, which make pairs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Literal, Protocol

import attrs

from efgan_kit.api import fail, nearest

from .findings import Findings
from .grammar import Grammar, Portrait
from .listing import Listing
from .table import shown

NEUTRAL: Final = "neutral"
Direction = Literal["from-neutral", "to-neutral", "both"]


class Naming(Protocol):
    """What the names of a folder's pictures say, in place of the labels' `person` and of pairs.csv."""

    def people(self, listing: Listing, findings: Findings) -> Mapping[str, str]:
        """The person of each picture that is used; the other pictures are passed over, labels and all."""
        ...

    def pairs(self, labelled: Sequence[str], findings: Findings) -> tuple[tuple[str, str], ...]:
        """(source, truth) among the pictures that are used and have labels."""
        ...


@attrs.frozen
class DatabaseNaming:
    """A face database named by a grammar, each picture of one person with one expression.

    Attributes:
        grammar: How its files are named.
        accepted: For groups of the grammar, the words of the pictures that are used. A pattern without the
            group takes every picture.
        expressions: The expressions that are used.
        direction: Whether pairs lead from the neutral picture, to it, or both ways.
        view: The groups that the two pictures of a pair have in common.
    """

    grammar: Grammar
    accepted: Mapping[str, frozenset[str]]
    expressions: frozenset[str]
    direction: Direction
    view: tuple[str, ...] = ()

    def people(self, listing: Listing, findings: Findings) -> Mapping[str, str]:
        """The person of each picture that is chosen. A folder without any is a fault."""
        read = {picture: self.grammar.read(picture) for picture in listing.pictures}
        portraits = {picture: portrait for picture, portrait in read.items() if portrait is not None}
        known = {picture: portrait for picture, portrait in portraits.items() if portrait.expression}
        chosen = {picture: portrait.person for picture, portrait in known.items() if self._uses(portrait)}
        strange = [picture for picture, portrait in read.items() if portrait is None]
        unheard = [picture for picture in portraits if picture not in known]
        database = self.grammar.database
        if chosen:
            findings.warn_of_several(strange, f"is not named as {database}'s pictures are: not used")
            findings.warn_of_several(unheard, f"names no expression of {database}: not used")
        elif known:
            what = f"none of {database}'s {len(known)} pictures here is chosen: {self._why(known.values())}"
            findings.fault(str(listing.root), what, "choose others in the recipe, or add those pictures")
        elif portraits:
            word = portraits[unheard[0]].said["expression"]
            what = f"names no expression of {database}: {shown(word)} is none"
            findings.fault(_first(unheard), what, nearest(word, self.grammar.expressions))
        elif strange:
            what = f"is not named as {database}'s pictures are, such as {self.grammar.example}"
            hint = "give the folder as its authors send it, or say by `pattern` how the files are named"
            findings.fault(_first(strange), what, hint)
        return chosen

    def pairs(self, labelled: Sequence[str], findings: Findings) -> tuple[tuple[str, str], ...]:
        """Each person's neutral picture with each of the person's other expressions, seen the same way.

        Of several neutral pictures the first counts. A person without one is in no pair, with a warning.
        """
        groups: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for picture in labelled:
            portrait = self.grammar.read(picture)
            assert portrait is not None, "pictures of other names are not used"
            key = (portrait.person, *(portrait.said.get(group, "") for group in self.view))
            groups.setdefault(key, []).append((picture, portrait.expression))
        pairs: list[tuple[str, str]] = []
        alone: list[str] = []
        for members in groups.values():
            neutral = next((picture for picture, expression in members if expression == NEUTRAL), None)
            if neutral is None:
                alone.append(members[0][0])
                continue
            others = [picture for picture, expression in members if expression != NEUTRAL]
            if self.direction != "to-neutral":
                pairs += [(neutral, other) for other in others]
            if self.direction != "from-neutral":
                pairs += [(other, neutral) for other in others]
        what = "the person has no neutral picture: in no pair"
        findings.warn_of_several(alone, what, "pairs are made of a neutral picture and another")
        return tuple(pairs)

    def _criteria(self) -> Iterable[tuple[str, frozenset[str], Callable[[Portrait], str | None]]]:
        """By what pictures are chosen: its name, the words accepted, and a picture's word."""
        for group, words in self.accepted.items():
            yield group, words, lambda portrait, group=group: portrait.said.get(group)  # type: ignore[misc]
        yield "expression", self.expressions, lambda portrait: portrait.expression

    def _uses(self, portrait: Portrait) -> bool:
        return all(word_of(portrait) in {*words, None} for _, words, word_of in self._criteria())

    def _why(self, portraits: Collection[Portrait]) -> str:
        """Why none of the pictures is chosen."""
        reasons: list[str] = []
        for name, words, word_of in self._criteria():
            there = {word_of(portrait) for portrait in portraits} - {None}
            if there and not there & words:
                reasons.append(f"{name} is {_any_of(there)}, not {_any_of(words)}")
        return " and ".join(reasons) or "each choice fits some of them, but no picture fits all"


def chosen_expressions(given: Sequence[str] | None, grammar: Grammar) -> frozenset[str]:
    """The expressions of a recipe's list; all of the database's if there is none.

    Raises:
        EfganError: The database has none of that name, or the list is empty.
    """
    known = dict.fromkeys(grammar.expressions.values())
    if given is None:
        return frozenset(known)
    for word in given:
        if word not in known:
            what = f"{shown(word)} is no expression of {grammar.database}"
            raise fail("expressions", what, nearest(word, known))
    if not given:
        raise fail("expressions", "the list is empty", "leave it out for all expressions")
    return frozenset(given)


def _any_of(words: Iterable[str | None]) -> str:
    return " or ".join(sorted(map(str, words))) or "any"


def _first(pictures: Sequence[str]) -> str:
    more = f" and {len(pictures) - 1} more" if len(pictures) > 1 else ""
    return f"{pictures[0]}{more}"
