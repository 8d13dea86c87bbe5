"""From a recipe and what is to be ablated to the arms that answer it, checked before anything is trained."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.evaluation.ablation.model import BASELINE, FIGURES, OF_INTEREST, SMALLEST, Ablation, Variant
from efgan_kit.evaluation.figures import check_figure
from efgan_kit.evaluation.study.arms import changes, recipe_of, refuse_own_keys
from efgan_kit.evaluation.study.model import Arm, Comparison, Study
from efgan_kit.recipe import Recipe, shelf
from efgan_kit.recipe.dump import to_plain
from efgan_kit.recipe.inspection import inspect_graph
from efgan_kit.recipe.pruning import unneeded

FIRST: Final = "adversarial"
"""The term that `--add` begins with, if the recipe has it: without a critic a GAN is none."""


@attrs.frozen
class Wishes:
    """What is to be ablated; several may be asked at once.

    Attributes:
        each: Drop every loss term, one at a time.
        drop: Drop these, one at a time.
        pairs: Drop two at a time, too, of those that are dropped alone; of all terms, if none is.
        add: Begin with `smallest` and add every other term, one at a time.
        smallest: The terms that `add` begins with; `adversarial`, or the first term, if there are none.
        scale: By term, the factors that its weight is multiplied by.
        swap: Pairs of a slot (`refiner`, `discriminators.final`, `losses.content`, ...) and what to use there: a
            component's name, or `{use: NAME, KEY: VALUE}`.
    """

    each: bool = False
    drop: tuple[str, ...] = ()
    pairs: bool = False
    add: bool = False
    smallest: tuple[str, ...] = ()
    scale: Mapping[str, tuple[float, ...]] = attrs.field(factory=dict)
    swap: tuple[tuple[str, str], ...] = ()


def ask(
    recipe: str,
    wishes: Wishes,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    overrides: Sequence[str] = (),
    figures: Sequence[str] = FIGURES,
    of_interest: Mapping[str, float] | None = None,
) -> Ablation:
    """The ablation of a recipe; nothing is built, and nothing written.

    A term that an arm drops is gone from its recipe, with the parts of the graph that only this term needed.

    Args:
        recipe: A shipped recipe's name, or a file.
        overrides: Changes to every arm, as `-o` takes them.
        of_interest: In place of `OF_INTEREST` for the figures that it names.

    Raises:
        EfganError: With everything that is wrong with the recipe or the wishes.
    """
    figures = tuple(dict.fromkeys(figures))
    named = recipe if recipe in {each.name for each in shelf.shelved()} else str(shelf.find(recipe).resolve())
    whole = Arm(BASELINE, named, tuple(overrides))
    refuse_own_keys(whole)
    baseline = recipe_of(whole)
    faults = [*_faults_of_wishes(wishes, baseline), *_faults_of_figures(figures, of_interest or {})]
    if faults:
        raise EfganError(*faults)
    arms = {whole.name: whole}
    variants: list[Variant] = []
    smallest = _smallest(wishes, baseline)
    if wishes.add:
        others = [name for name in baseline.losses if name not in smallest]
        arms[SMALLEST] = _arm(SMALLEST, whole, _without(others), baseline)
    for variant, changed in _variants(wishes, baseline, smallest):
        arm = _arm(variant.arm, whole, changed, baseline)
        if arm.overrides in [other.overrides for other in arms.values()]:
            continue  # asked for twice
        name = next(name for name in _numbered(variant.arm) if name not in arms)
        arms[name] = attrs.evolve(arm, name=name)
        variants.append(attrs.evolve(variant, arm=name))
    _must_differ(arms, variants)
    used = {variant.arm for variant in variants} | {variant.against for variant in variants}
    kept = {name: arm for name, arm in arms.items() if name in used}
    for arm in kept.values():
        _must_fit(arm)
    about = f"What changes to '{baseline.name}' do, one at a time"
    comparisons = tuple(_comparison(variant, figures) for variant in variants)
    study = Study(f"{baseline.name}-ablation", about, tuple(seeds), kept, comparisons)
    return Ablation(study, tuple(variants), figures, {**OF_INTEREST, **(of_interest or {})})


def _numbered(name: str) -> Iterator[str]:
    """The name, and what to call others that would be called so, too."""
    yield name
    yield from (f"{name}-{count}" for count in itertools.count(2))


def _must_differ(arms: Mapping[str, Arm], variants: Sequence[Variant]) -> None:
    """Raises EfganError if there is no variant, or one is what it is held against."""
    if not variants:
        raise fail("", "nothing is to be ablated: a factor of 1 is the recipe itself", "give other factors")
    faults = [
        Fault("", f"'{variant.title}' changes nothing: the recipe has just that", "ask for something else")
        for variant in variants
        if variant.kind in ("scale", "swap")
        and not changes(recipe_of(arms[variant.against]), recipe_of(arms[variant.arm]))
    ]
    if faults:
        raise EfganError(*faults)


def _comparison(variant: Variant, figures: tuple[str, ...]) -> Comparison:
    """The variant as a study asks of it: what has the thing in question, against what lacks it."""
    sides = (variant.against, variant.arm) if variant.without else (variant.arm, variant.against)
    return Comparison(*sides, "", figures)


def _arm(name: str, whole: Arm, changed: Sequence[str], baseline: Recipe) -> Arm:
    """The arm with its changes, and without the parts that these leave without a use."""
    arm = attrs.evolve(whole, name=name, overrides=(*whole.overrides, *changed))
    idle = unneeded(baseline)
    useless = {part: value for part, value in unneeded(recipe_of(arm)).items() if part not in idle}
    return attrs.evolve(arm, overrides=(*arm.overrides, *(f"{part}={value}" for part, value in useless.items())))


def _must_fit(arm: Arm) -> None:
    """Raises EfganError, naming the arm, if its recipe is at fault or its graph's parts do not fit together."""
    try:
        inspect_graph(recipe_of(arm))
    except EfganError as error:
        raise EfganError(
            *(attrs.evolve(fault, what=f"{fault.what} (in the arm '{arm.name}')") for fault in error.faults)
        ) from error


def _variants(
    wishes: Wishes, baseline: Recipe, smallest: Sequence[str]
) -> Iterator[tuple[Variant, Sequence[str]]]:
    """Each variant with its changes to the baseline."""
    terms = list(baseline.losses)
    alone = terms if wishes.each else list(dict.fromkeys(wishes.drop))
    for term in alone:
        yield Variant(_as_folder(f"no-{term}"), "drop", term, terms=(term,)), _without([term])
    if wishes.pairs:
        chosen = alone or terms
        for term in chosen if not alone else ():
            yield Variant(_as_folder(f"no-{term}"), "drop", term, terms=(term,)), _without([term])
        for pair in itertools.combinations(chosen, 2):
            name = "-".join(f"no-{term}" for term in pair)
            yield Variant(_as_folder(name), "pair", " and ".join(pair), terms=pair), _without(pair)
    if wishes.add:
        for term in terms:
            if term not in smallest:
                rest = [name for name in terms if name not in (*smallest, term)]
                yield Variant(_as_folder(f"plus-{term}"), "add", term, SMALLEST, (term,)), _without(rest)
    for term, factors in wishes.scale.items():
        for factor in factors:
            if factor != 1:  # the baseline itself
                title = f"{term} × {factor:g}"
                name = f"{term}-x{factor:g}".replace(".", "_").replace("+", "")
                yield Variant(_as_folder(name), "scale", title, terms=(term,)), _scaled(baseline, term, factor)
    for slot, text in wishes.swap:
        name = f"{slot}-{text}".replace(".", "-")
        path = slot if slot in _slots(to_plain(baseline), inside="") else f"graph.{slot}"
        value = text if text.lstrip().startswith("{") else f"{{use: {text}}}"
        yield Variant(_as_folder(name), "swap", f"{slot}: {text}"), [f"{path}={value}"]


def _without(terms: Sequence[str]) -> list[str]:
    return [f"losses.{term}=null" for term in terms]


def _scaled(baseline: Recipe, term: str, factor: float) -> list[str]:
    weight = baseline.losses[term].weight
    if isinstance(weight, Mapping):
        return [f"losses.{term}.weight.{player}={_product(own, factor)}" for player, own in weight.items()]
    return [f"losses.{term}.weight={_product(weight, factor)}"]


def _product(weight: float, factor: float) -> str:
    """Without the last digits that binary fractions add: 0.02 * 0.1 is 0.002."""
    return repr(float(f"{weight * factor:.12g}"))


def _as_folder(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-")


def _smallest(wishes: Wishes, baseline: Recipe) -> tuple[str, ...]:
    return wishes.smallest or ((FIRST,) if FIRST in baseline.losses else tuple(baseline.losses)[:1])


# What can't be asked ----------------------------------------------------------------------------------------------


def _faults_of_wishes(wishes: Wishes, baseline: Recipe) -> Iterator[Fault]:
    if not (wishes.each or wishes.drop or wishes.pairs or wishes.add or wishes.scale or wishes.swap):
        hint = "give --each, --add, --drop TERM, --scale TERM=0.1,10, --swap SLOT=COMPONENT or --pairs"
        yield Fault("", "nothing is to be ablated", hint)
    named = {"--drop": wishes.drop, "--scale": tuple(wishes.scale), "--smallest": wishes.smallest}
    for option, terms in named.items():
        for term in terms:
            if term not in baseline.losses:
                what = f"the recipe '{baseline.name}' has no loss term '{term}'"
                yield Fault(option, what, nearest(term, baseline.losses))
    for term in baseline.losses:
        if "." in term:
            yield Fault(f"losses.{term}", "a term with a dot in its name can't be named by a key", "call it otherwise")
    count = len(baseline.losses)
    if wishes.pairs and len(set(wishes.drop)) == 1 and not wishes.each:
        yield Fault("--pairs", "a single term makes no pair", "give a second --drop, or none for all pairs")
    if (wishes.each or wishes.drop) and count < 2:
        yield Fault("", f"'{baseline.name}' has a single loss term: without it there is nothing to train")
    if wishes.pairs and count < 3:
        yield Fault("--pairs", f"'{baseline.name}' has {count} loss terms: without two there is nothing to train")
    if wishes.add and len(set(_smallest(wishes, baseline))) >= count:
        yield Fault("--add", "there is no other term to add", "name fewer with --smallest")
    whole = _slots(to_plain(baseline), inside="")
    for slot, _ in wishes.swap:
        if slot not in whole and f"graph.{slot}" not in whole:
            short = [known.removeprefix("graph.") for known in whole]
            yield Fault("--swap", f"the recipe '{baseline.name}' has no '{slot}' to swap", nearest(slot, short))


def _slots(plain: Mapping[str, Any], inside: str) -> list[str]:
    """The dotted keys below which a component stands, data left out: another data set is another experiment."""
    found = []
    for key, value in plain.items():
        path = f"{inside}{key}"
        if isinstance(value, Mapping) and key != "data":
            found += [path] if "use" in value and path != "graph" else []
            found += _slots(value, f"{path}.")
    return found


def _faults_of_figures(figures: Sequence[str], of_interest: Mapping[str, float]) -> Iterator[Fault]:
    if not figures:
        yield Fault("--figures", "there is none", "leave the option out for the usual ones")
    for name in figures:
        if hint := check_figure(name):
            yield Fault("--figures", f"there is no figure '{name}'", hint)
    for name, value in of_interest.items():
        if hint := check_figure(name):
            yield Fault("--of-interest", f"there is no figure '{name}'", hint)
        if not 0 < value < math.inf:
            yield Fault("--of-interest", f"{name}={value:g}: a difference above 0 is wanted")




def with_steps(recipe: str, overrides: Sequence[str], steps: int) -> list[str]:
    """The overrides with which a recipe is trained for so many steps.

    What is done every so many steps is done at least a few times, so that there are curves to look at and little to
    lose. Raises EfganError if the recipe is at fault.
    """
    train = recipe_of(Arm(BASELINE, recipe, tuple(overrides))).train
    every = {"log_every": 20, "sample_every": 1, "checkpoint_every": 4}
    often = [
        f"train.{name}={least}"
        for name, times in every.items()
        if (least := max(1, steps // times)) < getattr(train, name)
    ]
    epochs = ["train.epochs=null"] if train.epochs is not None else []
    return [*overrides, *epochs, f"train.steps={steps}", *often]
