"""A study's report as tables, Markdown, CSV, LaTeX and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.evaluation.figures import figure
from efgan_kit.evaluation.study.report import Report, Result
from efgan_kit.evaluation.study.statistics import RULE, Summary
from efgan_kit.files import write_atomically, writing
from efgan_kit.pages.tables import UNKNOWN, Table, number, to_csv, to_latex, to_markdown

FORMS: Final = ("md", "csv", "json", "tex")
NO_OP: Final = "no-op"
PLACES: Final = {
    "all": "all pairs",
    "small": "the half of the pairs whose AUs change less",
    "large": "the half of the pairs whose AUs change more",
}


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write `report.md`, `report.csv`, `report.json` and `report.tex`; returns where they are.

    Raises:
        EfganError: They can't be written.
    """
    texts = {
        "md": markdown(report),
        "csv": to_csv(list(csv_rows(report))),
        "json": json.dumps(to_plain(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "tex": to_latex(tables(report), f"the study '{report.study.name}': {report.study.about}"),
    }
    files = [folder / f"report.{form}" for form in FORMS]
    for file, form in zip(files, FORMS, strict=True):
        with writing(file):
            write_atomically(file, texts[form].encode())
    return files


def tables(report: Report) -> list[Table]:
    """Arms by figures over all, small and large changes; then every comparison."""
    arms = [arms_table(report, where) for where in report.places()]
    return [*arms, _comparisons(report)] if report.results else arms


def arms_table(report: Report, where: str, titles: Mapping[str, str] = {}) -> Table:
    """Every figure of the arms over seeds, beside the untouched source's.

    Args:
        titles: What to call arms, where that is not their name.
    """
    names = [name for name in report.figures if any(report.values(arm, name, where) for arm in report.study.arms)]
    rows = [[NO_OP, "", *(number(report.no_op(name, where)) for name in names)]]
    for arm in report.study.arms:
        seeds = {seed for name in names for seed in report.values(arm, name, where)}
        spread = (_spread(report.summary(arm, name, where)) for name in names)
        rows.append([titles.get(arm, arm), str(len(seeds)), *spread])
    notes = list(_readers(report)) if where == "all" else []
    title = f"{report.study.name}, {PLACES[where]}: mean over seeds ± standard deviation"
    return Table(title, ["arm", "seeds", *(figure(name).title for name in names)], rows, notes)


def _readers(report: Report) -> Iterator[str]:
    """Who read the figures, if that was the same for all arms."""
    if differ := report.strangers():
        yield f"Arms can't be compared as one: {', '.join(differ)}."
        return
    for each in report.measured[:1]:
        yield f"Test faces: hash {each.subjects}."
        if each.judge:
            yield f"AUs are read by judge {each.judge}."
        for metric, extractor in each.extractors.items():
            yield f"{metric} compares features of {extractor}."


def _spread(found: Summary | None) -> str:
    if found is None:
        return UNKNOWN
    return number(found.mean) if found.spread is None else f"{number(found.mean)} ± {number(found.spread)}"


def _comparisons(report: Report) -> Table:
    columns = ["comparison", "pairs", "figure", *(f"seed {s}" for s in report.study.seeds), "mean [95 %]", "the claim"]
    rows = [_comparison(result, report.study.seeds) for result in report.results]
    return Table(f"{report.study.name}: differences, seed by seed", columns, rows, [RULE, *_whys(report)])


def _comparison(result: Result, seeds: tuple[int, ...]) -> list[str]:
    about, found = result.comparison, result.found
    title = f"{result.number}: {about.arm} less {about.against}"
    differences = found.differences if found else {}
    mean = UNKNOWN
    if found:
        bounds = f" [{signed(found.interval[0])}, {signed(found.interval[1])}]" if found.interval else ""
        mean = signed(found.mean) + bounds
    each = (signed(differences[seed]) if seed in differences else UNKNOWN for seed in seeds)
    return [title, about.where, figure(result.figure).title, *each, mean, result.verdict]


def _whys(report: Report) -> Iterator[str]:
    for result in report.results:
        if result.why:
            yield f"Comparison {result.number}, {figure(result.figure).title}: {result.why}."


def signed(value: float) -> str:
    """A difference in a table."""
    text = number(value)
    return text if text.startswith("-") else f"+{text}"


def markdown(report: Report) -> str:
    """The whole report to be read."""
    study = report.study
    parts = [f"# {study.name}\n", *([f"{study.about}\n"] if study.about else [])]
    parts.append("| arm | recipe | changes | starts from |\n| --- | --- | --- | --- |")
    for arm in study.arms.values():
        changed = " ".join(f"`{override}`" for override in arm.overrides).replace("|", "\\|")
        recipe = Path(arm.recipe).name
        parts.append(f"| {arm.name} | {recipe} | {changed or 'none'} | {arm.start_from or 'nothing'} |")
    parts.append(f"\nSeeds: {', '.join(map(str, study.seeds))}.\n")
    if claims := [f"{n}. {c.claim}" for n, c in enumerate(study.comparisons, start=1) if c.claim]:
        parts.append("Claims, by comparison:\n\n" + "\n".join(claims) + "\n")
    parts.append(to_markdown(tables(report)))
    parts += section("Missing", [f"{name}: {why}" for name, why in report.missing.items()])
    parts += section("Before believing this", list(warnings(report)))
    return "\n".join(parts).rstrip() + "\n"


def warnings(report: Report) -> Iterator[str]:
    """Each warning once, with the cells that call for it."""
    cells: dict[str, list[str]] = {}
    for each in report.measured:
        for text in each.warnings:
            cells.setdefault(text, []).append(each.cell.name)
    for text, names in cells.items():
        yield f"{'every run' if len(names) == len(report.measured) > 1 else ', '.join(names)}: {text}"


def section(title: str, lines: list[str]) -> list[str]:
    """A list under a heading, as Markdown; nothing if there are no lines."""
    return [f"## {title}\n", *(f"- {' '.join(line.split())}" for line in lines), ""] if lines else []


def csv_rows(report: Report) -> Iterator[dict[str, Any]]:
    """Every number by the row: a `cell`'s figures, an `arm`'s means and spreads, a `comparison`'s differences."""
    blank = dict.fromkeys(
        ("row", "arm", "against", "seed", "where", "figure", "value", "spread", "low", "high", "seeds", "verdict")
    )
    for where in report.places():
        for name in report.figures:
            place = {"where": where, "figure": name}
            yield blank | place | {"row": NO_OP, "value": report.no_op(name, where)}
            for arm in report.study.arms:
                values = report.values(arm, name, where)
                for seed, value in values.items():
                    yield blank | place | {"row": "cell", "arm": arm, "seed": seed, "value": value}
                if short := report.summary(arm, name, where):
                    numbers = {"value": short.mean, "spread": short.spread, "seeds": short.count}
                    yield blank | place | {"row": "arm", "arm": arm} | numbers
    for result in report.results:
        about, found = result.comparison, result.found
        row = {"arm": about.arm, "against": about.against, "where": about.where, "figure": result.figure}
        for seed, value in (found.differences if found else {}).items():
            yield blank | row | {"row": "difference", "seed": seed, "value": value}
        low, high = found.interval if found and found.interval else (None, None)
        numbers = {"value": found.mean, "seeds": len(found.differences)} if found else {"seeds": 0}
        yield blank | row | {"row": "comparison", "low": low, "high": high, "verdict": result.verdict} | numbers


def to_plain(report: Report) -> dict[str, Any]:
    """The report as JSON knows it."""
    return {
        "study": report.study.to_plain(),
        "rule": RULE,
        "figures": list(_figures(report)),
        "comparisons": [
            {
                **attrs.asdict(result.comparison),
                "figure": result.figure,
                "differences": {str(seed): d for seed, d in result.found.differences.items()} if result.found else {},
                "mean": result.found.mean if result.found else None,
                "interval": result.found.interval if result.found else None,
                "verdict": result.verdict,
                "why": result.why,
            }
            for result in report.results
        ],
        "missing": dict(report.missing),
        "warnings": {each.cell.name: list(each.warnings) for each in report.measured if each.warnings},
    }


def _figures(report: Report) -> Iterator[dict[str, Any]]:
    """The report's figures by arm: every seed's value, their mean and spread."""
    for where in report.places():
        for name in report.figures:
            for arm in report.study.arms:
                if found := report.summary(arm, name, where):
                    values = {str(seed): value for seed, value in report.values(arm, name, where).items()}
                    yield {
                        "arm": arm, "where": where, "figure": name, "no_op": report.no_op(name, where),
                        "values": values, "mean": found.mean, "spread": found.spread,
                    }  # fmt: skip
