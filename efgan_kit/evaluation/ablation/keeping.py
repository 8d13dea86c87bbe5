"""An ablation in its folder: what was asked, beside the study's arms and runs, and what its trials found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cattrs
import torch
import yaml

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.evaluation.ablation.model import FORMAT, Ablation, Variant
from efgan_kit.evaluation.ablation.timing import Timing
from efgan_kit.evaluation.ablation.trial import Trial
from efgan_kit.evaluation.study import Plan
from efgan_kit.evaluation.study.keeping import KEPT, RECIPE
from efgan_kit.evaluation.study.model import Arm, Study
from efgan_kit.recipe import Recipe
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.provenance import hardware
from efgan_kit.recipe.reader import read_file
from efgan_kit.registry.distributions import OWN, version_of
from efgan_kit.training.run_folder import write_atomically, write_json, writing

ASKED: Final = "ablation.yaml"
TRIALS: Final = "trials.json"
TIMINGS: Final = "timings.json"


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
    asked, kept = _read(folder / ASKED), _read(folder / KEPT)
    try:
        variants = tuple(
            Variant(arm, entry["kind"], entry["title"], entry["against"], tuple(entry["terms"]))
            for arm, entry in asked["variants"].items()
        )
        arms = {name: Arm(name, str(folder / name / RECIPE)) for name in kept["arms"]}
        study = Study(kept["name"], kept["about"], tuple(kept["seeds"]), arms)
        found = Ablation(study, variants, tuple(asked["figures"]), asked["of_interest"])
        known = asked["ablation"] == FORMAT
    except (KeyError, TypeError, AttributeError) as error:
        raise fail(str(folder / ASKED), f"is damaged: {error}", _AGAIN) from error
    if not known:
        raise fail(str(folder / ASKED), "is of another version of efgan_kit", _AGAIN)
    _must_belong_together(found, folder)
    return found


_AGAIN: Final = "the command that began the ablation writes it again"


def _must_belong_together(ablation: Ablation, folder: Path) -> None:
    faults = []
    for variant in ablation.variants:
        for arm in dict.fromkeys((variant.arm, variant.against)):
            if arm not in ablation.study.arms:
                what = f"asks about the arm '{arm}', which the study of this folder does not have"
                faults.append(Fault(str(folder / ASKED), what, f"two ablations are mixed here; {_AGAIN}"))
    for arm in ablation.study.arms:
        if not (folder / arm / RECIPE).is_file():
            faults.append(Fault(str(folder / arm), f"the arm's recipe, {RECIPE}, is gone", _AGAIN))
    if faults:
        raise EfganError(*dict.fromkeys(faults))


def _read(path: Path) -> dict[str, Any]:
    problems = Problems()
    plain = read_file(path, str(path), problems, form="study").plain()
    problems.raise_if_any()
    if not isinstance(plain, dict):
        raise fail(str(path), "is damaged: it is no mapping", _AGAIN)
    return plain


# What trials found ------------------------------------------------------------------------------------------------


def kept_trials(plan: Plan) -> dict[str, Trial]:
    """By arm, the trials that stand: of the same recipe, efgan_kit and torch."""
    return {arm: Trial.from_plain(plain) for arm, plain in _standing(plan, TRIALS).items()}


def keep_trials(plan: Plan, trials: Mapping[str, Trial]) -> None:
    _keep(plan, TRIALS, {arm: trial.to_plain() for arm, trial in trials.items()})


def kept_timings(plan: Plan) -> dict[str, Timing]:
    """By arm, what its step was measured to take."""
    return {arm: cattrs.structure(plain, Timing) for arm, plain in _standing(plan, TIMINGS).items()}


def keep_timings(plan: Plan, timings: Mapping[str, Timing]) -> None:
    _keep(plan, TIMINGS, {arm: timing.to_plain() for arm, timing in timings.items()})


def _standing(plan: Plan, name: str) -> dict[str, Any]:
    around = _machine() if name == TIMINGS else {}
    try:
        document = json.loads((plan.folder / name).read_text(encoding="utf-8"))
        return {
            arm: entry["found"]
            for arm, entry in document.items()
            if arm in plan.recipes and entry["of"] == {**_made_with(plan.recipes[arm]), **around}
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(plan: Plan, name: str, found: Mapping[str, Any]) -> None:
    around = _machine() if name == TIMINGS else {}
    document = {
        arm: {"of": {**_made_with(plan.recipes[arm]), **around}, "found": each} for arm, each in found.items()
    }
    with writing(plan.folder / name):
        write_json(plan.folder / name, document)


def _made_with(recipe: Recipe) -> dict[str, str]:
    digest = hashlib.sha256(recipe.to_yaml().encode()).hexdigest()
    return {"recipe": digest, OWN: version_of(OWN) or "unknown", "torch": torch.__version__}



def _machine() -> dict[str, Any]:
    return {**hardware(), "threads": torch.get_num_threads()}
