"""What a new plugin and its parts are called, all of it made from the one name that its author gives."""

from __future__ import annotations

import builtins
import importlib.util
import keyword
import re
import sys
from importlib import metadata
from typing import Final

import attrs
import yaml

from efgan_kit.errors import EfganError, fail
from efgan_kit.recipe.load import inherit
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.shelf import find
from efgan_kit.registry import registry
from efgan_kit.registry.distributions import OWN, canonical
from efgan_kit.scaffold.kinds import Starter

WELL_FORMED: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""What packaging calls a valid name of a distribution."""
LONGEST: Final = 36
"""Characters of a name; with more, imports in the package would be longer than a line."""
BASE: Final = "quickstart"
"""The recipe that a new plugin's own extends."""
TESTS: Final = "tests"
"""The folder of a package's tests, beside the package itself."""
FAMILY: Final = ("efgan-kit-", "efgan-")
"""Beginnings that a component's name does without."""


@attrs.frozen
class Names:
    """The names in a plugin's package.

    Attributes:
        distribution: What pip installs, `efgan-kit-soft-light`.
        package: What Python imports, `efgan_kit_soft_light`.
        component: What recipes use, `soft-light`; the entry point has it too.
        class_name: The component's class, `SoftLightLoss`.
        term: What its recipe calls it among the loss terms of quickstart: `soft-light`, if none of them is called so.
    """

    distribution: str
    package: str
    component: str
    class_name: str
    term: str

    @property
    def recipe(self) -> str:
        """The recipe that tries it, `soft-light-quickstart`."""
        return f"{self.component}-{BASE}"


def names_for(name: str, kind: str, starter: Starter) -> Names:
    """The names that follow from `name`.

    Raises:
        EfganError: No package can be called so, here or anywhere.
    """
    _must_name_a_package(name)
    distribution = canonical(name)
    package = distribution.replace("-", "_")
    _must_be_free(name, distribution, package)
    component = _component(distribution, kind)
    _must_not_clash(name, kind, component)
    return Names(distribution, package, component, _class_name(component, starter.suffix), _term(component))


def _must_name_a_package(name: str) -> None:
    if "/" in name or "\\" in name or name in (".", ".."):
        raise _refused(name, "is a path", "give a name, such as efgan-kit-soft-light; --out says where it goes")
    if not WELL_FORMED.fullmatch(name):
        what = "is not a name that pip can install" if name else "an empty name is none"
        raise _refused(name, what, "take ASCII letters, digits and hyphens, as in efgan-kit-soft-light")
    if not name[0].isalpha():
        raise _refused(name, "begins with a digit, which no Python package does", "begin with a letter")
    if len(name) > LONGEST:
        raise _refused(name, f"has {len(name)} characters", f"take {LONGEST} at most")


def _must_be_free(name: str, distribution: str, package: str) -> None:
    """Nothing is imported to find that out."""
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        raise _refused(name, f"'{package}' is a word of Python's own", "put efgan- before it")
    if package in sys.stdlib_module_names or hasattr(builtins, package):
        raise _refused(name, f"Python itself has a '{package}'", "put efgan- before it")
    if package == TESTS:
        raise _refused(name, "is the folder that the package's tests lie in", "put efgan- before it")
    if distribution == OWN or _installed(distribution):
        what = f"a distribution '{distribution}' is installed already"
        raise _refused(name, what, "two can't share a name: choose another, or uninstall it first")
    found = importlib.util.find_spec(package)
    if found is not None and found.origin is not None:
        what = f"a package '{package}' is installed already: {found.origin}"
        raise _refused(name, what, "two can't share a name: choose another")


def _installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _component(distribution: str, kind: str) -> str:
    """The distribution's name without its family's; or whole, or with its kind, if that could not stand in a recipe."""
    beginning = next((family for family in FAMILY if distribution.startswith(family)), "")
    choices = (distribution.removeprefix(beginning), distribution, f"{distribution}-{kind}")
    return next(choice for choice in choices if choice[:1].isalpha() and yaml.safe_load(choice) == choice)


def _class_name(component: str, suffix: str) -> str:
    words = "".join(word[:1].upper() + word[1:] for word in component.split("-"))
    return words if words.endswith(suffix) and words != suffix else f"{words}{suffix}"


def _term(component: str) -> str:
    inherited = inherit(find(BASE), Problems()).mapping or {}
    return f"own-{component}" if component in (inherited["losses"].mapping or {}) else component


def _must_not_clash(name: str, kind: str, component: str) -> None:
    theirs = [offer for offer in registry().catalogue.of_kind(kind) if offer.name == component]
    if theirs:
        what = f"{theirs[0].distribution} offers the {kind} '{component}' already"
        raise _refused(name, what, "choose another name: recipes could use neither of two")


def _refused(name: str, what: str, way_out: str) -> EfganError:
    return fail(name or "NAME", what, way_out)
