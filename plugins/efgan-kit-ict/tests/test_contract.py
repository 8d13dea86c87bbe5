import pytest

pytest.importorskip("embreex")
from efgan_kit_ict.dataset import IctFaces

from efgan_kit import load_recipe
from efgan_kit.api import EfganError


def test_the_data_set_and_the_recipe_are_found(install, model_file):
    from efgan_kit.registry import registry

    install("efgan-kit-ict")
    assert registry().catalogue.find("dataset", "ict-faces").load() is IctFaces
    recipe = load_recipe("ict-quickstart", [f"data.{split}.model={model_file}" for split in ("train", "test")])
    assert recipe.data["train"].params["model"] == str(model_file)
    assert recipe.data["test"].params["group"] == "test"


def test_the_recipe_asks_for_the_model(install):
    install("efgan-kit-ict")
    with pytest.raises(EfganError, match=r"data\.train\.model"):
        load_recipe("ict-quickstart")
