"""Every component keeps the contract of its kind."""

import pytest

from efgan_kit.testing.conformance import Subject, examine

COMPONENTS = [
    ("discriminator", "timm-projected"),
    ("loss", "timm-perceptual"),
    ("loss", "timm-feature-matching"),
    ("extractor", "timm"),
]


@pytest.mark.parametrize(("kind", "name"), COMPONENTS)
def test_it_keeps_the_contract_of_its_kind(kind, name):
    from efgan_kit.recipe.by_name import component_by_name
    from efgan_kit.registry import registry

    target = registry().catalogue.find(kind, name).load()
    use = component_by_name(kind, name, params=target.example, flag=name, option_flag="")
    examine(Subject(kind, target, use.maker().params))


def test_a_vision_transformer_bears_a_gradient_penalty():
    from efgan_kit_timm.projected import ProjectedCritic

    from efgan_kit.testing.modules import bears_a_gradient_penalty

    params = {**ProjectedCritic.example, "model": "test_vit", "size": 32}
    bears_a_gradient_penalty(Subject("discriminator", ProjectedCritic, params))
