"""A constructor as a schema."""

from collections.abc import Mapping
from typing import Any

import pytest

from efgan_kit.api import Discriminator, Generator, Maker, Refiner
from efgan_kit.recipe.typed import describe
from efgan_kit.registry.signature import alternatives, kind_of, signature_of


class Component:
    """Does a thing.

    More words: of no interest here.

    Args:
        width: Channels, in
            two lines.
        mode: How.

    Raises:
        ValueError: Never.
    """

    def __init__(
        self, region: Any, aus: int, *, width: int = 4, mode: str, refiner: "Maker[Refiner] | None" = None
    ):
        pass


def test_keyword_only_parameters_are_the_keys():
    signature = signature_of(Component, "generator")
    assert signature.summary == "Does a thing."
    assert list(signature.parameters) == ["width", "mode", "refiner"]
    width, mode = signature.parameters["width"], signature.parameters["mode"]
    assert (width.annotation, width.default, width.required) == (int, 4, False)
    assert (width.doc, mode.doc) == ("Channels, in two lines.", "How.")
    assert mode.required
    assert (signature.supplied, signature.unsupplied) == (("region", "aus"), ())


def test_what_the_framework_does_not_supply_is_found():
    assert signature_of(Component, "interpolator").unsupplied == ("region",)


def test_functions_and_classes_without_a_constructor_have_signatures_too():
    def maker(parameters: Any, *, lr: float = 1.0) -> None:
        """Makes.

        Args:
            lr: The rate.
        """

    class Empty:
        pass

    assert signature_of(maker, "optimizer").parameters["lr"].doc == "The rate."
    assert signature_of(Empty, "loss").parameters == {}


def test_a_docstring_that_cannot_be_read_costs_only_the_words():
    def maker(parameters: Any, *, lr: float = 1.0) -> None:
        """Makes.

        Args:
            the rate
        """

    assert signature_of(maker, "optimizer").parameters["lr"].doc == ""


def test_annotations_that_exist_for_type_checkers_alone_leave_a_parameter_unchecked():
    def maker(parameters: Any, *, lr: "Rate" = 1.0) -> None:  # noqa: F821
        pass

    assert signature_of(maker, "optimizer").parameters["lr"].annotation is Any


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [(Maker[Generator], "generator"), (Maker[Refiner], "refiner"), (int, None), (Mapping[str, int], None)],
)
def test_nested_components_are_known_by_their_contract(annotation, kind):
    assert kind_of(annotation) == kind


def test_types_are_described_in_words():
    assert describe(Maker[Refiner] | None) == "a refiner, written {use: NAME, ...} or null"
    described = describe(Mapping[str, Maker[Discriminator]])
    assert described == "a mapping of names, each to a discriminator, written {use: NAME, ...}"
    assert describe(tuple[int, int]) == "a list of 2, each a whole number"
    assert alternatives(int | None) == (int, type(None))
