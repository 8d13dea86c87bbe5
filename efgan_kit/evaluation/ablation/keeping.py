"""An ablation in its folder: what was asked, beside the study's arms and runs, and what its trials found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import cattrs
import torch
import yaml

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.evaluation.ablation.model import FORMAT, Ablation, Kind, Variant
from efgan_kit.evaluation.ablation.timing import Timing
from efgan_kit.evaluation.ablation.trial import Trial
from efgan_kit.evaluation.study import Plan
from efgan_kit.evaluation.study.keeping import KEPT, RECIPE
from efgan_kit.evaluation.study.model import Arm, Study
from efgan_kit.files import write_atomically, write_json, writing
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.provenance import hardware
from efgan_kit.recipe.reader import read_file
from efgan_kit.registry.distributions import OWN, version_of

ASKED: Final = "ablation.yaml"
TRIALS: Final = "trials.json"
TIMINGS: Final = "timings.json"
Found = TypeVar("Found")


def keep_ablation(ablation: Ablation, folder: Path) -> None:
    """Write what was asked beside the study, which must be there. Raises EfganError if it can't be written."""
    text = yaml.safe_dump(ablation.to_plain(), sort_keys=False, allow_unicode=True, width=110)
    with writing(folder / ASKED):
        write_atomically(folder / ASKED, text.encode())


def read_ablation(folder: Path) -> Ablation:
    """The ablation that a folder holds, its arms as they were resolved when it began.

    Raises:
        EfganError: It holds none, or another study than the one that was asked about.
    """
    for name in (ASKED, KEPT):
        if not (folder / name).is_file():
            what = f"not the folder of an ablation: it has no {name}" if folder.exists() else "no such folder"
            raise fail(str(folder), what, "such a folder is what `efgan ablate RECIPE --run DIR` writes")
    kept = _structured(_Kept, folder / KEPT)
    asked = _structured(_Asked, folder / ASKED)
    if asked.ablation != FORMAT:
        raise fail(str(folder / ASKED), "is of another version of efgan_kit", _AGAIN)
    variants = tuple(Variant(arm, v.kind, v.title, v.against, v.terms) for arm, v in asked.variants.items())
    arms = {name: Arm(name, str(folder / name / RECIPE)) for name in kept.arms}
    study = Study(kept.name, kept.about, kept.seeds, arms)
    found = Ablation(study, variants, asked.figures, asked.of_interest)
    _must_belong_together(found, folder)
    return found


@attrs.frozen
class _Kept:
    """What is read of a study's file."""

    name: str
    about: str
    seeds: tuple[int, ...] = attrs.field(validator=attrs.validators.min_len(1))
    arms: dict[str, Any]


@attrs.frozen
class _AskedOf:
    kind: Kind
    title: str
    against: str
    terms: tuple[str, ...]


@attrs.frozen
class _Asked:
    """What `Ablation.to_plain` writes."""

    ablation: int
    figures: tuple[str, ...] = attrs.field(validator=attrs.validators.min_len(1))
    of_interest: dict[str, float]
    variants: dict[str, _AskedOf] = attrs.field(validator=attrs.validators.min_len(1))


def _structured(kind: type[Found], path: Path) -> Found:
    """The file as what it must be. Raises EfganError if it is not."""
    problems = Problems()
    plain = read_file(path, str(path), problems, form="study").plain()
    problems.raise_if_any()
    try:
        return _STRICT.structure(plain, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        told = cattrs.transform_error(error)[0] if isinstance(error, cattrs.BaseValidationError) else str(error)
        raise fail(str(path), f"is damaged: {told}", _AGAIN) from error


_STRICT: Final = cattrs.Converter(detailed_validation=True)
_AGAIN: Final = "the command that began the ablation writes it again"


def _must_belong_together(ablation: Ablation, folder: Path) -> None:
    faults = []
    for variant in ablation.variants:
        for arm in dict.fromkeys((variant.arm, variant.against)):
            if arm not in ablation.study.arms:
                what = f"asks about the arm '{arm}', which the study of this folder does not have"
                faults.append(Fault(str(folder / ASKED), what, f"two ablations are mixed here; {_AGAIN}"))
    alone = {variant.terms[0] for variant in ablation.variants if variant.kind == "drop" and variant.terms}
    for variant in ablation.variants:
        if variant.kind == "pair" and not set(variant.terms) <= alone:
            what = f"asks about {variant.title}, and not about each of them alone"
            faults.append(Fault(str(folder / ASKED), what, _AGAIN))
    for arm in ablation.study.arms:
        if not (folder / arm / RECIPE).is_file():
            faults.append(Fault(str(folder / arm), f"the arm's recipe, {RECIPE}, is gone", _AGAIN))
    if faults:
        raise EfganError(*dict.fromkeys(faults))


# What trials found ------------------------------------------------------------------------------------------------


def kept_trials(plan: Plan, device: torch.device) -> dict[str, Trial]:
    """By arm, the trials that stand: of the same recipe, first seed, device, efgan_kit and torch."""
    return _standing(plan, TRIALS, device, Trial)


def keep_trials(plan: Plan, trials: Mapping[str, Trial], device: torch.device) -> None:
    _keep(plan, TRIALS, {arm: trial.to_plain() for arm, trial in trials.items()}, device)


def kept_timings(plan: Plan, device: torch.device) -> dict[str, Timing]:
    """By arm, what its step was measured to take on this machine."""
    return _standing(plan, TIMINGS, device, Timing)


def keep_timings(plan: Plan, timings: Mapping[str, Timing], device: torch.device) -> None:
    _keep(plan, TIMINGS, {arm: timing.to_plain() for arm, timing in timings.items()}, device)


def _standing(plan: Plan, name: str, device: torch.device, kind: type[Found]) -> dict[str, Found]:
    """What was found of arms that are still the same; what can't be read was never found."""
    try:
        document = json.loads((plan.folder / name).read_text(encoding="utf-8"))
        return {
            arm: cattrs.structure(entry["found"], kind)
            for arm, entry in document.items()
            if arm in plan.recipes and entry["of"] == _made_with(plan, arm, name, device)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, cattrs.BaseValidationError):
        return {}


def _keep(plan: Plan, name: str, found: Mapping[str, Any], device: torch.device) -> None:
    document = {
        arm: {"of": _made_with(plan, arm, name, device), "found": each} for arm, each in found.items()
    }
    with writing(plan.folder / name):
        write_json(plan.folder / name, document)


def _made_with(plan: Plan, arm: str, name: str, device: torch.device) -> dict[str, Any]:
    """What a finding is of: times are of a machine, too."""
    digest = hashlib.sha256(plan.recipes[arm].to_yaml().encode()).hexdigest()
    machine = {**hardware(), "threads": torch.get_num_threads()} if name == TIMINGS else {}
    return {
        "recipe": digest,
        "seed": plan.study.seeds[0],
        "device": device.type,
        OWN: version_of(OWN) or "unknown",
        "torch": torch.__version__,
        **machine,
    }
