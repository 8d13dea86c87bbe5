"""Reading `{use: NAME, ...}`: every key checked against the component's constructor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from efgan_kit.api import KINDS, LOCAL_REGIONS
from efgan_kit.errors import EfganError, nearest
from efgan_kit.recipe.model import ComponentUse
from efgan_kit.recipe.nodes import MISSING, Node, Problems
from efgan_kit.recipe.typed import INVALID, read, shown
from efgan_kit.registry import Catalogue, Offer
from efgan_kit.registry.signature import Parameter, Signature, alternatives, signature_of

REGIONS: Final = ("face", *LOCAL_REGIONS)


class UseReader:
    """Reads components off nodes; what is wrong goes to `problems`, and the answer is then `INVALID`."""

    def __init__(self, catalogue: Catalogue, problems: Problems) -> None:
        self.catalogue = catalogue
        self.problems = problems

    def use(self, kind: str, node: Node, path: str, reserved: tuple[str, ...] = ()) -> Any:
        """The component of that kind.

        Args:
            reserved: Keys of the mapping that are not the component's: `weight` and `every` of a loss term.
        """
        entries = {key: value for key, value in (node.mapping or {}).items() if key not in reserved}
        offer, signature, target = self._component(kind, node, entries, path)
        if offer is None or signature is None or target is None:
            return INVALID
        before = len(self.problems)
        per_region = self._per_region(kind, entries.pop("per_region", None), signature, path, offer)
        params = self._params(entries, signature, path, offer, around=reserved)
        absent = [
            p.name for p in signature.parameters.values() if p.required and _absent(entries.get(p.name))
        ]
        for name in absent:
            what = f"{path}: '{offer.name}' needs a value for '{name}'"
            self.problems.add(entries["use"].place, what, signature.parameters[name].doc)
        if len(self.problems) > before:
            return INVALID
        return ComponentUse(kind, offer.name, params, per_region, entries["use"].place, offer)

    def _component(
        self, kind: str, node: Node, entries: Mapping[str, Node], path: str
    ) -> tuple[Offer, Signature, Callable[..., Any]] | tuple[None, None, None]:
        named = entries.get("use")
        article = "an" if kind[0] in "aeiou" else "a"
        if node.mapping is None:
            what = f"{path}: expected {article} {kind}, not {shown(node)}"
            self.problems.add(node.place, what, "write {use: NAME}")
            return None, None, None
        if named is None or not isinstance(named.value, str):
            known = (offer.name for offer in self.catalogue.of_kind(kind))
            place = named.place if named else node.named_at
            self.problems.add(place, f"{path}: names no {kind} (`use: NAME`)", nearest("", known))
            return None, None, None
        if named.value == MISSING:
            return None, None, None
        try:
            offer = self.catalogue.find(kind, named.value)
            target = offer.load()
        except EfganError as error:
            self.problems.take(named.place, error, path)
            return None, None, None
        signature = signature_of(target, kind)
        if signature.unsupplied:
            what = f"{path}: the {kind} '{offer.name}' asks for {', '.join(signature.unsupplied)}"
            supplied = ", ".join(KINDS[kind].context)
            hint = (
                f"a {kind} is given only {supplied}: please report it to the author of {offer.distribution}"
            )
            self.problems.add(named.place, what, hint)
            return None, None, None
        return offer, signature, target

    def _params(
        self,
        entries: Mapping[str, Node],
        signature: Signature,
        path: str,
        offer: Offer,
        around: tuple[str, ...] = (),
        defaults: bool = True,
    ) -> dict[str, Any]:
        """The parameters among the entries; `around` are the keys that could stand beside them."""
        for key, node in entries.items():
            if key not in signature.parameters and key != "use" and not node.removes:
                self._unknown(key, node, signature, path, offer, around)
        params: dict[str, Any] = {}
        for name, parameter in signature.parameters.items():
            given = entries.get(name)
            if given is not None and (not given.removes or _allows_null(parameter)):
                params[name] = read(given, parameter.annotation, f"{path}.{name}", self.problems, self.use)
            elif defaults and is_plain(parameter.default):
                params[name] = parameter.default
        return params

    def _unknown(
        self,
        key: str,
        node: Node,
        signature: Signature,
        path: str,
        offer: Offer,
        around: tuple[str, ...] = (),
    ) -> None:
        known = (*signature.parameters, *around)
        what = f"{path}.{key}: '{offer.name}' ({offer.origin}) has no parameter '{key}'"
        if key in signature.misplaced:
            hint = f"its constructor takes '{key}' by place: the author must write `*` before the keys of recipes"
        elif key in signature.supplied:
            hint = "the program supplies it"
        elif not known:
            hint = "it has none"
        elif key == "per_region":
            hint = "a region's own parameters belong to components that are made for each region"
        else:
            hint = nearest(key, known)
        self.problems.add(node.named_at, what, hint)

    def _per_region(
        self, kind: str, node: Node | None, signature: Signature, path: str, offer: Offer
    ) -> dict[str, dict[str, Any]]:
        if node is None or _absent(node):
            return {}
        if "region" not in KINDS[kind].context:
            self._unknown("per_region", node, signature, path, offer)
            return {}
        inside = f"{path}.per_region"
        special: dict[str, dict[str, Any]] = {}
        for region, entries in self.mapping(node, inside).items():
            if region not in REGIONS:
                what = f"{inside}: '{region}' is not a region"
                self.problems.add(entries.named_at, what, nearest(region, REGIONS))
            elif not entries.removes:
                own = self.mapping(entries, f"{inside}.{region}")
                special[region] = self._params(own, signature, f"{inside}.{region}", offer, defaults=False)
        return special

    def some_params(self, use: ComponentUse, node: Node, path: str) -> dict[str, Any]:
        """A mapping of some of the parameters of a component already read."""
        if use.offer is None:
            return {}
        signature = signature_of(use.offer.load(), use.kind)
        return self._params(self.mapping(node, path), signature, path, use.offer, defaults=False)

    def mapping(self, node: Node, path: str) -> dict[str, Node]:
        """The entries of a node that must be a mapping; empty, with a fault, where it is none."""
        if node.mapping is None:
            self.problems.add(node.place, f"{path}: expected a mapping of names to values, not {shown(node)}")
        return node.mapping or {}


def _absent(node: Node | None) -> bool:
    """Whether nothing was written there, or a `null` took it away."""
    return node is None or node.removes


def _allows_null(parameter: Parameter) -> bool:
    return type(None) in alternatives(parameter.annotation)


def is_plain(value: Any) -> bool:
    """Whether a default can be written in a recipe."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (bool, int, float, str))
