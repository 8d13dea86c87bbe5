"""The results of an ablation as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efgan_kit.evaluation.ablation.model import Variant
from efgan_kit.evaluation.ablation.results import Results
from efgan_kit.evaluation.ablation.statistics import RULE, Effect
from efgan_kit.evaluation.ablation.trial import Trial
from efgan_kit.evaluation.figures import figure
from efgan_kit.evaluation.study.writing import arms_table, signed
from efgan_kit.pages.tables import UNKNOWN, Table, number

MEANING: Final = (
    "Differences say what the thing in question does: of a term that is dropped, the arm that has it less the arm that"
    " lacks it; of anything added, scaled or exchanged, the changed arm less the other."
)


def all_tables(results: Results) -> list[Table]:
    """What an ablation found, most telling first."""
    ablation = results.ablation
    titles = {arm: ablation.title(arm) for arm in ablation.study.arms}
    together = [
        _interactions(results, name) for name in ablation.figures if results.interactions.get(name)
    ]
    return [
        overview(results),
        *(details(results, name) for name in ablation.figures),
        *together,
        arms_table(results.report, "all", titles),
        savings(results),
        shared(results),
    ]


def overview(results: Results) -> Table:
    """A row a variant, a column a figure: the mean difference, its interval and the verdict."""
    names = results.ablation.figures
    rows = []
    for variant in results.ablation.variants:
        cells = [_in_short(results.effects[name].get(variant.arm)) for name in names]
        rows.append([doing(variant), str(_seeds(results, variant)), *cells])
    columns = ["", "seeds", *(figure(name).title for name in names)]
    title = f"{results.recipe}: what each change does, mean difference [95 % t interval] and verdict"
    return Table(title, columns, rows, [MEANING, RULE])


def details(results: Results, name: str) -> Table:
    """One figure, with everything that its verdicts rest on."""
    seeds = results.ablation.study.seeds
    columns = [
        "", *(f"seed {seed}" for seed in seeds), "mean [95 %, t]", "[95 %, BCa]", "p", "p (Holm)", "effect size",
        "seeds needed", "verdict",
    ]  # fmt: skip
    rows = []
    for variant in results.ablation.variants:
        effect = results.effects[name].get(variant.arm)
        each = [signed(effect.differences[s]) if effect and s in effect.differences else UNKNOWN for s in seeds]
        rows.append([doing(variant), *each, *_inferred(effect)])
    smallest = results.ablation.of_interest.get(name)
    notes = [f"{doing(v)}: {results.reasons[name, v.arm]}." for v in results.ablation.variants
             if (name, v.arm) in results.reasons]  # fmt: skip
    if smallest is not None:
        notes.append(
            f"Smallest difference of interest: {number(smallest)}. Seeds needed: for a chance of 4 in 5 to find it,"
            " if differences spread as they do here."
        )
    about = figure(name)
    which = {1: "higher is better", -1: "lower is better", 0: "neither is better"}[about.better]
    return Table(f"{about.title} ({which})", columns, rows, notes)


def _inferred(effect: Effect | None) -> list[str]:
    if effect is None:
        return [UNKNOWN] * 7
    return [
        _with(effect.mean, effect.t_interval),
        _bounds(effect.bca_interval),
        _probability(effect.p),
        _probability(effect.p_holm),
        UNKNOWN if effect.effect_size is None else f"{effect.effect_size:+.2f}",
        UNKNOWN if effect.seeds_needed is None else str(effect.seeds_needed),
        effect.verdict,
    ]


def _interactions(results: Results, name: str) -> Table:
    rows = []
    for variant in results.ablation.variants:
        if effect := results.interactions[name].get(variant.arm):
            rows.append([variant.title, *_inferred(effect)[:4], effect.verdict])
    note = (
        "What the first term buys beside the second, less what it buys without it. Above 0 each needs the other; below"
        " 0 one stands in for the other."
    )
    columns = ["terms", "mean [95 %, t]", "[95 %, BCa]", "p", "p (Holm)", "verdict"]
    return Table(f"{figure(name).title}: interactions", columns, rows, [note])


def savings(results: Results) -> Table:
    """What a step of each arm computes and keeps, beside its reference's."""
    rows = []
    against = {v.arm: results.trials.get(v.against) for v in results.ablation.variants}
    for arm in results.ablation.study.arms:
        if trial := results.trials.get(arm):
            rows.append([results.ablation.title(arm), *_costs(trial, against.get(arm))])
    note = (
        "Counted, not timed, over as many steps as the terms need to all count: floating-point operations of"
        " convolutions and products, forward and backward; bytes kept for gradients at the worst moment of a step"
        " (without what a graph with `checkpointing` makes again);"
        " calls of the graph's modules. Times and what they were measured on are in timings.json."
    )
    columns = ["arm", "parameters learned", "GFLOP a step", "MB for gradients", "module calls a step", "fewer calls of"]
    return Table("What a step costs", columns, rows, [note])


def _costs(trial: Trial, reference: Trial | None) -> list[str]:
    values = [
        (trial.parameters, f"{trial.parameters:,}", lambda t: t.parameters),
        (trial.flops, f"{trial.flops / 1e9:.2f}", lambda t: t.flops),
        (trial.kept, f"{trial.kept / 1e6:.1f}", lambda t: t.kept),
        (sum(trial.calls.values()), f"{sum(trial.calls.values()):.2f}", lambda t: sum(t.calls.values())),
    ]
    cells = [text + (_change(value, of(reference)) if reference else "") for value, text, of in values]
    return [*cells, ", ".join(_fewer(trial, reference)) if reference else ""]


def _change(value: float, before: float) -> str:
    percent = round(100 * (value - before) / before) if before else 0
    return f" ({percent:+d} %)" if percent else ""


def _fewer(trial: Trial, reference: Trial) -> Iterator[str]:
    """The modules that a step calls less often, by the graph's names, those of all regions as one."""
    found: dict[str, tuple[float, float]] = {}
    for name, before in reference.calls.items():
        now = trial.calls.get(name, 0.0)
        if now < before:
            found[name.partition(".")[0]] = (before, now)
    for name, (before, now) in found.items():
        yield f"{name} ({before:g} to {now:g})" if now else f"{name} (all {before:g})"


def shared(results: Results) -> Table:
    """What each arm has in common with its reference before the first step."""
    rows = []
    for pairing in results.pairings:
        otherwise = [*(f"gone: {key}" for key in pairing.gone), *(f"new: {key}" for key in pairing.added),
                     *(f"begins otherwise: {key}" for key in pairing.otherwise)]  # fmt: skip
        rows.append(
            [
                results.ablation.title(pairing.arm),
                pairing.against,
                "; ".join(pairing.differences) or "nothing",
                f"{pairing.shared:,}",
                "; ".join(otherwise) or "none",
                "the same" if pairing.same_faces else "others",
                str(pairing.streams),
            ]
        )
    note = (
        "Found out before training, with the first seed: weights by their bits, the faces and targets of the first"
        " batches, and the random numbers that both arms' consumers draw in a step. An arm that differed in anything"
        " that its recipe does not say would have been refused."
    )
    columns = ["arm", "against", "differences of the recipes", "tensors alike", "other tensors", "faces and targets",
               "random streams alike"]  # fmt: skip
    return Table("What the arms share", columns, rows, [note])


def _seeds(results: Results, variant: Variant) -> int:
    known = (results.effects[name].get(variant.arm) for name in results.ablation.figures)
    return max((len(effect.differences) for effect in known if effect), default=0)


def doing(variant: Variant) -> str:
    """What the rows of tables and plots call a variant."""
    return f"add {variant.title}" if variant.kind == "add" else variant.title


def _in_short(effect: Effect | None) -> str:
    return UNKNOWN if effect is None else f"{_with(effect.mean, effect.t_interval)} {effect.verdict}"


def _with(mean: float, interval: tuple[float, float] | None) -> str:
    return f"{signed(mean)} {_bounds(interval)}" if interval else signed(mean)


def _bounds(interval: tuple[float, float] | None) -> str:
    return UNKNOWN if interval is None else f"[{signed(interval[0])}, {signed(interval[1])}]"


def _probability(p: float | None) -> str:
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
