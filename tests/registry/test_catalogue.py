"""The catalogue: one component of a name, or an error that names the way out."""

import pytest

from efgan_kit.api import KINDS
from efgan_kit.errors import EfganError
from efgan_kit.registry import KIND_NAMES, Catalogue, Offer, catalogue


def offer(kind, name, distribution="one", target="json:JSONEncoder"):
    return Offer(kind, name, target, "", distribution, "1.0")


def refusal(call, *arguments):
    with pytest.raises(EfganError) as caught:
        call(*arguments)
    return str(caught.value)


def test_the_kinds_are_those_of_the_api():
    assert tuple(KINDS) == KIND_NAMES


def test_an_unknown_name_is_answered_with_the_nearest():
    shelf = Catalogue((offer("loss", "content"), offer("loss", "attention")))
    assert refusal(shelf.find, "loss", "contend", "here") == (
        "here: no loss is called 'contend'; did you mean 'content'?"
    )
    assert refusal(shelf.find, "loss", "zzz") == "no loss is called 'zzz'; one of: attention, content"
    assert refusal(shelf.find, "graph", "zzz") == "no graph is called 'zzz'; there is none"


def test_a_name_of_another_kind_is_told():
    message = refusal(Catalogue((offer("loss", "content"),)).find, "generator", "content")
    assert "there is a loss of that name, but a generator is wanted here" in message


def test_a_broken_plugin_is_remembered_when_a_name_is_not_found():
    message = refusal(Catalogue((), ("moon-plugin",)).find, "loss", "content")
    assert "the plugin of moon-plugin could not be loaded: see `efgan plugin doctor moon-plugin`" in message


def test_two_offers_of_one_name_are_an_error_that_names_both():
    shelf = Catalogue((offer("loss", "x"), offer("loss", "x", "two", "other:Thing"), offer("graph", "x")))
    message = refusal(shelf.find, "loss", "x")
    assert "one 1.0 (json:JSONEncoder) and two 1.0 (other:Thing)" in message
    assert "EFGAN_DISABLE_PLUGINS=two" in message
    assert [fault.what for fault in shelf.clashes()] == [message.partition(";")[0]]
    assert shelf.find("graph", "x").kind == "graph"


def test_every_built_in_component_can_be_imported(fresh_registry):
    for each in catalogue().offers:
        assert callable(each.load()), each.name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("toy-far", "the generator 'toy-far' of toy-plugin needs the module 'nothing_of_the_kind', which "
                    "is not installed; pip install 'toy-plugin[far]'"),
        ("toy-gone", "points to 'toy_plugin.gone:Gone', which does not exist; that is a fault of toy-plugin"),
        ("toy-misnamed", "the module has no 'ToyGenerater'; did you mean 'ToyGenerator'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_names_component_distribution_and_remedy(toy_plugin, name, message):
    assert message in refusal(catalogue().find("generator", name).load)
