"""Both components keep the contract of their kind."""

import pytest
import torch

from efgan_kit.testing.conformance import Subject, examine

VALUES = {
    **{name: torch.linspace(-1, 1, 6 * 3 * 64 * 64).reshape(6, 3, 64, 64) for name in ("edited", "source", "truth")},
    "person": torch.tensor([0, 0, 1, 1, 2, 2]),
}


@pytest.mark.parametrize(("kind", "name"), [("loss", "identity-cosine"), ("metric", "identity-verification")])
def test_it_keeps_the_contract_of_its_kind(kind, name):
    from efgan_kit.recipe.by_name import component_by_name
    from efgan_kit.registry import registry

    target = registry().catalogue.find(kind, name).load()
    use = component_by_name(kind, name, params=target.example, flag=name, option_flag="")
    examine(Subject(kind, target, use.maker().params, VALUES if kind == "metric" else {}))
