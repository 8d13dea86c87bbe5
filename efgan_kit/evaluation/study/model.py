"""A study: several trainings, and what is to be learned from holding them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

Where = Literal["all", "small", "large"]
"""Over which pairs a figure is taken: all, or those whose AUs change little, or much."""

FORMAT: Final = 1


@attrs.frozen
class Arm:
    """One way of training, tried with every seed.

    Attributes:
        name: Its folder's name, too.
        recipe: The name of a recipe, or a file.
        overrides: Changes to it, as `-o` takes them.
        start_from: The arm whose run of the same seed this one's training starts from.
    """

    name: str
    recipe: str
    overrides: tuple[str, ...] = ()
    start_from: str | None = None


@attrs.frozen
class Comparison:
    """A claim that an arm's figures are better than another's.

    Attributes:
        arm: The arm that the claim is about.
        against: The arm it is compared with.
        claim: What is claimed, in a sentence; may be empty.
        figures: Names of the figures that decide.
        where: The pairs that they are taken over.
    """

    arm: str
    against: str
    claim: str
    figures: tuple[str, ...]
    where: Where = "all"


@attrs.frozen
class Study:
    """Arms, seeds and comparisons.

    Attributes:
        about: One line on what it is for.
        seeds: Each arm is trained once with each of them.
        arms: By name.
    """

    name: str
    about: str
    seeds: tuple[int, ...]
    arms: Mapping[str, Arm]
    comparisons: tuple[Comparison, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """The study as its YAML file has it."""
        return {
            "study": FORMAT,
            "name": self.name,
            "about": self.about,
            "seeds": list(self.seeds),
            "arms": {
                arm.name: {
                    "recipe": arm.recipe,
                    **({"start_from": arm.start_from} if arm.start_from else {}),
                    **({"overrides": list(arm.overrides)} if arm.overrides else {}),
                }
                for arm in self.arms.values()
            },
            "comparisons": [
                {**attrs.asdict(comparison), "figures": list(comparison.figures)} for comparison in self.comparisons
            ],
        }


def donors_first(arms: Mapping[str, Arm]) -> list[Arm]:
    """The arms in an order in which each follows the one it starts from; none may start from itself."""
    ordered: dict[str, Arm] = {}

    def place(arm: Arm) -> None:
        if arm.name not in ordered:
            if arm.start_from is not None:
                place(arms[arm.start_from])
            ordered[arm.name] = arm

    for arm in arms.values():
        place(arm)
    return list(ordered.values())


def circle_from(arms: Mapping[str, Arm], name: str) -> tuple[str, ...]:
    """The circle of arms that `name` is part of, each starting from the next; empty if there is none."""
    chain = [name]
    while (following := arms[chain[-1]].start_from) in arms and following is not None:
        if following in chain:
            return (*chain, following) if following == name else ()
        chain.append(following)
    return ()
