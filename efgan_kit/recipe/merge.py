"""Laying a child recipe over its parent.

Mappings merge key by key, everything else replaces what was there, and `null` takes an entry away. A mapping
whose `use:` names another component starts afresh: the old one's parameters mean nothing to the new one.
"""

from __future__ import annotations

from typing import Final

import attrs

from efgan_kit.errors import nearest
from efgan_kit.recipe.nodes import Node, Problems

NOT_INHERITED: Final = frozenset({"extends", "abstract", "name"})
OF_THE_ENTRY: Final = frozenset({"weight", "every"})
"""Keys of a loss term's entry that are the recipe's, not the component's: they outlive a change of `use:`."""
ALTERNATIVES: Final = {"train": ("epochs", "steps")}
"""Keys of which one replaces the other: a child that counts in steps need not take `epochs` away."""


def merge(parent: Node, child: Node, problems: Problems) -> Node:
    """The recipe `parent` with `child` laid over it. Positions stay with the values they belong to."""
    above = {key: node for key, node in (parent.mapping or {}).items() if key not in NOT_INHERITED}
    merged = _merge(attrs.evolve(parent, value=above), child, "", problems)
    inherited, own = above.get("requires"), (child.mapping or {}).get("requires")
    if inherited and own and isinstance(inherited.value, list) and isinstance(own.value, list):
        # What the parent needs, the child needs too.
        both = attrs.evolve(own, value=[*inherited.value, *own.value])
        merged = attrs.evolve(merged, value={**(merged.mapping or {}), "requires": both})
    return merged


def _merge(parent: Node, child: Node, path: str, problems: Problems) -> Node:
    above, below = parent.mapping, child.mapping
    if above is None or below is None:
        return child
    if _changes_component(above, below):
        kept = OF_THE_ENTRY if path.startswith("losses.") else frozenset()
        above = {key: node for key, node in above.items() if key in kept}
    entries = dict(above)
    alternatives = ALTERNATIVES.get(path, ())
    if any(key in below and below[key].value is not None for key in alternatives):
        entries = {key: node for key, node in entries.items() if key not in alternatives}
    for key, node in below.items():
        inside = f"{path}.{key}" if path else key
        if node.value is None and not node.removes:
            entries[key] = _removal(above, node, key, path, problems)
        else:
            entries[key] = _merge(above[key], node, inside, problems) if key in above else node
    return attrs.evolve(child, value=entries)


def _changes_component(above: dict[str, Node], below: dict[str, Node]) -> bool:
    return "use" in above and "use" in below and above["use"].value != below["use"].value


def _removal(above: dict[str, Node], node: Node, key: str, path: str, problems: Problems) -> Node:
    """A `null` over an entry takes it away; over nothing it is a value, except among the loss terms."""
    if key in above:
        return attrs.evolve(node, removes=True)
    if path == "losses":
        problems.add(node.named_at, f"there is no loss term '{key}' to remove", nearest(key, above))
        return attrs.evolve(node, removes=True)
    return node
