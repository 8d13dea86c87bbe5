"""Beginning a training with the weights of another run, if the recipe's graph says `start_from`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import torch
from torch import nn

from efgan_kit.api import EfganError, Fault, fail
from efgan_kit.recipe import Recipe, build_graph
from efgan_kit.recipe.diff import Difference, diff, differences
from efgan_kit.recipe.dump import to_plain
from efgan_kit.training import checkpoints
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.trained import Trained, load_trained

KEY = "graph.start_from"


@attrs.frozen
class Start:
    """The run that a training begins with.

    Attributes:
        recipe: The training's own.
        trained: The run, its graph with the weights that edit.
    """

    recipe: Recipe
    trained: Trained

    def give_weights(self, graph: nn.Module) -> None:
        """Let `graph` take over the run's weights.

        Raises:
            EfganError: The parts that have weights are not the same in both, and what differs.
        """
        there, here = to_plain(self.trained.recipe)["graph"], to_plain(self.recipe)["graph"]
        parts: Iterable[str] = graph.parts()  # type: ignore[operator]
        self._refuse(
            change
            for name in parts
            for change in differences(_entry(there, name), _entry(here, name), f"graph.{name}")
        )
        try:
            graph.initialise(self.trained.graph)  # type: ignore[operator]
        except ValueError as error:
            raise EfganError(self._fault(f"can't be begun with: {error}", "name a run of the same parts")) from error

    def give_terms(self, terms: nn.ModuleDict) -> frozenset[str]:
        """Let loss terms take over what the same terms of the run learned beforehand from the same faces.

        Returns:
            The names of those that did.
        """
        changed = [change.path for change in diff(self.trained.recipe, self.recipe)]
        if any(path == "data" or path.startswith(("data.train", "faces")) for path in changed):
            return frozenset()
        checkpoint = checkpoints.newest(RunFolder(self.trained.path))
        known = checkpoints.read_module(checkpoint, "terms")
        taken = set()
        for name, term in terms.items():
            differs = any(_part_of(path, f"losses.{name}") and not _is_balance(path) for path in changed)
            theirs = {key.removeprefix(f"{name}."): t for key, t in known.items() if key.startswith(f"{name}.")}
            if callable(getattr(term, "prepare", None)) and theirs and not differs:
                term.load_state_dict(theirs)
                taken.add(name)
        return frozenset(taken)

    def described(self) -> dict[str, Any]:
        """What `lock.json` keeps of it."""
        checkpoint = checkpoints.newest(RunFolder(self.trained.path))
        digest = hashlib.sha256((checkpoint / "graph.safetensors").read_bytes()).hexdigest()
        return {"run": str(self.trained.path), "step": self.trained.step, "sha256": digest}

    def check_faces(self) -> None:
        """Raises EfganError if the run is of other faces: another size, other AUs, other regions."""
        changes = diff(self.trained.recipe, self.recipe)
        self._refuse(change for change in changes if change.path.startswith("faces"))

    def _refuse(self, changes: Iterable[Difference]) -> None:
        faults = [
            self._fault(
                f"differs in {change.path}: {_shown(change.before)} there, {_shown(change.after)} here",
                "start from a run with the same, or change the recipe to it",
            )
            for change in changes
        ]
        if faults:
            raise EfganError(*faults)

    def _fault(self, what: str, hint: str = "") -> Fault:
        return Fault(str(self.recipe.graph.place), f"{KEY}: the run {self.trained.path} {what}", hint)


def start_of(recipe: Recipe) -> Start | None:
    """The run that the recipe says to start from, or None if it names none.

    Raises:
        EfganError: There is no such run, it is damaged, or its faces are others.
    """
    named = recipe.graph.params.get("start_from")
    if named is None:
        return None
    try:
        trained = load_trained(Path(named).expanduser(), "cpu")
    except EfganError as error:
        place = str(recipe.graph.place)
        faults = (attrs.evolve(f, where=place, what=f"{KEY}: {f.where}: {f.what}") for f in error.faults)
        raise EfganError(*faults) from error
    if trained.exported:
        what = f"{KEY}: {trained.path} is an exported folder, whose graph has no discriminators to go on with"
        raise fail(str(recipe.graph.place), what, "name the run that it was exported from")
    start = Start(recipe, trained)
    start.check_faces()
    return start


def check_start(recipe: Recipe, donor: Recipe, name: str) -> None:
    """Find out whether a recipe could start from a run that is yet to be trained, without memory or time.

    Args:
        donor: What the run will be trained with.
        name: What messages call it.

    Raises:
        EfganError: It could not, and what differs.
    """
    meta = torch.device("meta")
    with meta:
        graph, theirs = build_graph(recipe), build_graph(donor)
    start = Start(recipe, Trained(Path(name), donor, theirs, 0, meta))
    start.check_faces()
    start.give_weights(graph)


def _entry(graph: Any, path: str) -> Any:
    """What a plain recipe's graph says at a dotted path; None if nothing."""
    for key in path.split("."):
        graph = graph.get(key) if isinstance(graph, dict) else None
    return graph


def _part_of(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def _is_balance(path: str) -> bool:
    """Whether the difference is in how a term enters the sum, not in the term."""
    return path.rsplit(".", 1)[-1] in ("weight", "every") or ".weight." in path


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("use", ", ".join(map(str, value))))
    return "nothing" if value is None else str(value)
