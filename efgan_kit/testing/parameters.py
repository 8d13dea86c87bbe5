"""What a component's parameters must hold: a run is repeated from the recipe that it leaves behind."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Final

from efgan_kit.api import EfganError, Maker
from efgan_kit.recipe.dump import component_to_yaml
from efgan_kit.recipe.schema import NOT_IN_RECIPES, recipe_schema
from efgan_kit.recipe.typed import describe
from efgan_kit.recipe.uses import is_plain
from efgan_kit.registry import Catalogue
from efgan_kit.registry.signature import signature_of
from efgan_kit.testing.contract import ContractError, NotExaminedError, demand
from efgan_kit.testing.entries import entry_of, read_entry, written
from efgan_kit.testing.exercise import exercise
from efgan_kit.testing.subject import Subject

ANY: Final = describe(object())
"""What messages call a type that a recipe's values can't be checked against."""


def parameters_survive_yaml(subject: Subject) -> None:
    """A recipe with all its parameters written out, as a run leaves it behind, reads back the same."""
    parameters = signature_of(subject.target, subject.kind).parameters.values()
    loose = [f"{p.name}: {p.annotation}" for p in parameters if describe(p.annotation) == ANY]
    contract = "a key's type is one that recipes hold: number, text, path, choice, Maker, lists and mappings of these"
    demand(subject, not loose, contract, ", ".join(loose))
    odd = [f"{p.name} = {p.default!r}" for p in parameters if not (p.required or _is_written(p.default))]
    demand(subject, not odd, "a default is a value that a recipe can hold, or a Maker", ", ".join(odd))
    try:
        use = read_entry(subject, written(entry_of(subject)))
        text = component_to_yaml(use)
        again = read_entry(subject, text)
    except EfganError as error:
        contract = "a recipe with its parameters and defaults written out is a recipe"
        raise ContractError(str(subject), contract, str(error)) from error
    contract = "parameters and defaults read back from YAML are the same"
    demand(subject, again == use, contract, f"{dict(again.params)} of {text.strip()!r}")


def parameters_fit_the_schema(subject: Subject) -> None:
    """The JSON Schema that editors check recipes by accepts its parameters and defaults."""
    if subject.kind in NOT_IN_RECIPES:
        return
    try:
        import jsonschema
    except ModuleNotFoundError as error:
        raise NotExaminedError("it needs jsonschema: pip install jsonschema") from error
    use = read_entry(subject, written(entry_of(subject)))
    offers = {part.offer for part in use.parts() if part.offer is not None}
    schema = recipe_schema(Catalogue(tuple(sorted(offers, key=lambda offer: (offer.kind, offer.name)))))
    kind = {"$ref": f"#/$defs/{subject.kind}", "$defs": schema["$defs"]}
    entry = read_plain(component_to_yaml(use))
    faults = [
        f"{'.'.join(map(str, fault.path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(kind).iter_errors(entry)
    ]
    demand(subject, not faults, "the schema accepts its parameters and defaults", "; ".join(faults))


def read_plain(text: str) -> Any:
    """YAML as plain values."""
    from efgan_kit.recipe.nodes import Problems
    from efgan_kit.recipe.reader import read_value

    return read_value(text, "recipe", Problems()).plain()


def leaves_its_parameters_alone(subject: Subject) -> None:
    """What is made once more is made of the same: defaults and a recipe's lists are shared, and not to be edited."""
    before = copy.deepcopy(_values(subject))
    exercise(subject)
    after = _values(subject)
    changed = [f"{name} was {before[name]!r}, is {after[name]!r}" for name in before if before[name] != after[name]]
    demand(subject, not changed, "parameters and defaults are not edited in place", "; ".join(changed))


def _values(subject: Subject) -> dict[str, Any]:
    parameters = signature_of(subject.target, subject.kind).parameters.values()
    defaults = {f"the default of {p.name}": p.default for p in parameters if is_plain(p.default)}
    return {**defaults, **{name: value for name, value in subject.params.items() if is_plain(value)}}


def _is_written(default: Any) -> bool:
    return is_plain(default) or isinstance(default, (Maker, Path))


CHECKS: Final = (parameters_survive_yaml, parameters_fit_the_schema, leaves_its_parameters_alone)
