"""What a component's parameters must hold: a run is repeated from the recipe that it leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from efgan_kit.api import EfganError, Maker
from efgan_kit.recipe.dump import component_to_yaml
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.reader import read_value
from efgan_kit.recipe.schema import NOT_IN_RECIPES, recipe_schema
from efgan_kit.recipe.typed import describe
from efgan_kit.recipe.uses import is_plain
from efgan_kit.registry import Catalogue
from efgan_kit.registry.signature import signature_of
from efgan_kit.testing.contract import ContractError, NotExaminedError, demand
from efgan_kit.testing.entries import entry_of, read_entry, written
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
    entry = read_value(component_to_yaml(use), "recipe", Problems()).plain()
    faults = [
        f"{'.'.join(map(str, fault.path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(kind).iter_errors(entry)
    ]
    demand(subject, not faults, "the schema accepts its parameters and defaults", "; ".join(faults))


def _is_written(default: Any) -> bool:
    return is_plain(default) or isinstance(default, (Maker, Path))


CHECKS: Final = (parameters_survive_yaml, parameters_fit_the_schema)
