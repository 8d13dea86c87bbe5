"""An explanation as tables, Markdown and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.evaluation.explanation.explain import Explanation, Moment
from efgan_kit.evaluation.explanation.figures import PlayerFigures, Range, TermFigures
from efgan_kit.evaluation.explanation.saturation import HIGH, LOW, MapFigures
from efgan_kit.evaluation.explanation.words import cosine, findings, per_cent, percent
from efgan_kit.files import write_atomically, writing
from efgan_kit.pages.tables import UNKNOWN, Table, number, to_markdown

NAME: Final = "explanation"


def heading(explanation: Explanation) -> str:
    """What was looked at, in a line."""
    count, faces = explanation.batches, explanation.faces
    size = f"{count} {_plural('batch', 'es', count)} of {faces} {_plural('face', 's', faces)}"
    return f"{explanation.run} ({explanation.recipe}), step {explanation.newest.step}: {size}, mean [least, most]"


def tables(explanation: Explanation) -> list[Table]:
    """Per player its terms, their shares by part and their cosines; the attention maps; all of it over the training."""
    newest, several = explanation.newest, len(explanation.moments) > 1
    found = []
    for player, figures in newest.players.items():
        found.append(_terms(explanation, player, figures))
        if len(figures.parts) > 1:
            found.append(_parts(player, figures))
        if figures.pairs:
            found.append(_cosines(player, figures))
        if several and figures.pairs:
            found += _over_training(explanation.moments, player)
    if newest.attention:
        found.append(_attention(explanation))
        if several:
            found.append(_attention_over_training(explanation))
    return found


def _terms(explanation: Explanation, player: str, figures: PlayerFigures) -> Table:
    columns = ["term", "weight", "every", "loss", "gradient", "share of the norms", "along the sum", "found"]
    rows = [
        [
            term.name, f"{term.weight:g}", str(term.every), _short(term.loss.mean), _short(term.whole.norm.mean),
            _ranged(term.whole.share), _ranged(term.whole.along), _found(term, figures),
        ]
        for term in figures.terms
    ]  # fmt: skip
    return Table(f"{player}: the terms' weighted gradients", columns, rows, list(_notes(explanation, player, figures)))


def _notes(explanation: Explanation, player: str, figures: PlayerFigures) -> Iterator[str]:
    if rare := [term for term in figures.terms if term.every > 1]:
        names = ", ".join(f"{term.name} (every {term.every} steps)" for term in rare)
        yield f"Shares are those of a step in which every term counts; not in all steps do: {names}."
    if absent := explanation.absent.get(player):
        reasons = dict.fromkeys(absent.values())
        listed = {why: ", ".join(name for name in absent if absent[name] == why) for why in reasons}
        yield f"Not live here: {'; '.join(f'{listed[why]} ({why})' for why in reasons)}."


def _found(term: TermFigures, figures: PlayerFigures) -> str:
    words = []
    if term.dead:
        words.append("dead")
    elif term.small:
        first, *others = term.alive
        words.append(f"small, but not in {first}" + (f" and {len(others)} more parts" if others else ""))
    fights = [pair.terms for pair in figures.pairs if pair.fights and term.name in pair.terms]
    if fights:
        words.append(f"fights {', '.join(name for names in fights for name in names if name != term.name)}")
    return "; ".join(words)


def _parts(player: str, figures: PlayerFigures) -> Table:
    names = [term.name for term in figures.terms]

    def row(part: str) -> list[str]:
        theirs = [term.parts[part] for term in figures.terms]
        reached = any(share.norm.high > 0 for share in theirs)
        return [part, *(percent(share.share.mean) if reached else UNKNOWN for share in theirs)]

    return Table(f"{player}: share of the norms in each part", ["part", *names], [row(p) for p in figures.parts])


def _cosines(player: str, figures: PlayerFigures) -> Table:
    names = [term.name for term in figures.terms]

    def cell(row: int, column: int) -> str:
        if row == column:
            return "1"
        found = figures.pair(names[row], names[column]).cosine
        if row < column or math.isnan(found.mean):
            return cosine(found.mean)
        return f"{cosine(found.low)} .. {cosine(found.high)}"

    rows = [[name, *(cell(row, column) for column in range(len(names)))] for row, name in enumerate(names)]
    title = f"{player}: cosines of the terms' gradients; above the diagonal means, below it least and most"
    return Table(title, ["term", *names], rows)


def _over_training(moments: Sequence[Moment], player: str) -> Iterator[Table]:
    steps = [f"step {moment.step}" for moment in moments]
    by_step = [moment.players[player] for moment in moments]
    shares = [
        [term.name, *(percent(figures.terms[place].whole.share.mean) for figures in by_step)]
        for place, term in enumerate(by_step[-1].terms)
    ]
    yield Table(f"{player}: share of the norms over training", ["term", *steps], shares)
    cosines = [
        [" / ".join(pair.terms), *(cosine(figures.pair(*pair.terms).cosine.mean) for figures in by_step)]
        for pair in by_step[-1].pairs
    ]
    yield Table(f"{player}: cosines over training", ["terms", *steps], cosines)


def _attention(explanation: Explanation) -> Table:
    logged = explanation.logged
    steps = [f"logged, step {step}" for step in logged.steps] if logged else []

    def row(region: str, figures: MapFigures) -> list[str]:
        before = logged.means.get(region, (math.nan,) * len(logged.steps)) if logged else ()
        figures_ = (figures.mean, figures.low, figures.high, figures.entropy, figures.spread)
        return [region, *(number(figure.mean) for figure in figures_), *map(number, before), figures.verdict]

    return Table(
        f"attention maps at step {explanation.newest.step}; 1 = edited",
        ["region", "mean", f"below {LOW}", f"above {HIGH}", "entropy (bits)", "deviation", *steps, "found"],
        [row(region, figures) for region, figures in explanation.newest.attention.items()],
    )


def _attention_over_training(explanation: Explanation) -> Table:
    def cells(region: str) -> list[str]:
        found = (moment.attention[region] for moment in explanation.moments)
        return [f"{number(figures.mean.mean)} {figures.verdict}" for figures in found]

    rows = [[region, *cells(region)] for region in explanation.newest.attention]
    steps = [f"step {moment.step}" for moment in explanation.moments]
    return Table("attention maps over training: mean and what it is called", ["region", *steps], rows)


def as_markdown(explanation: Explanation) -> str:
    said = "\n".join(f"- {finding}" for finding in (*findings(explanation), *idle(explanation)))
    return f"{heading(explanation)}\n\n{said}\n\n{to_markdown(tables(explanation))}"


def idle(explanation: Explanation) -> list[str]:
    return [f"{player}: learns nothing in this run, {why}" for player, why in explanation.idle.items()]


def to_plain(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON knows it: what is not known becomes null."""
    plain = attrs.asdict(explanation, filter=lambda field, _: field.name != "moments")
    moments = [_moment(moment) for moment in explanation.moments]
    found = {**plain, "run": str(explanation.run), "checkpoints": moments, "findings": findings(explanation)}
    return _finite(found)


def _moment(moment: Moment) -> dict[str, Any]:
    players = {
        player: {
            "terms": {term.name: _term(term) for term in figures.terms},
            "pairs": [attrs.asdict(pair) for pair in figures.pairs],
        }
        for player, figures in moment.players.items()
    }
    attention = {region: attrs.asdict(figures) for region, figures in moment.attention.items()}
    return {"step": moment.step, "players": players, "attention": attention}


def _term(term: TermFigures) -> dict[str, Any]:
    plain = attrs.asdict(term, filter=lambda field, _: field.name != "name")
    return {**plain, "dead": term.dead}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, (list, tuple)) else value


def write_explanation(explanation: Explanation, folder: Path) -> list[Path]:
    """Write `explanation.md` and `explanation.json`; returns where they are.

    Raises:
        EfganError: They can't be written.
    """
    document = json.dumps(to_plain(explanation), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    texts = {folder / f"{NAME}.md": as_markdown(explanation), folder / f"{NAME}.json": document}
    for file, text in texts.items():
        with writing(file):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, text.encode())
    return list(texts)


def _ranged(share: Range) -> str:
    mean, low, high = (per_cent(value) if math.isfinite(value) else "" for value in (share.mean, share.low, share.high))
    return percent(share.mean) if mean == low == high else f"{mean} % [{low}, {high}]"


def _short(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.3g}"


def _plural(word: str, ending: str, count: int) -> str:
    return word if count == 1 else word + ending
