"""A process that builds one way to take a training step, and takes it when it is told to.

Each way has a process of its own: memory that one way keeps, or code that it does without, is nothing to another.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail

if TYPE_CHECKING:
    from efgan_kit.bench.where import PartCost

FEW: Final = 2
"""Batches that a worker holds and shows in turns; reading them is not timed."""


@attrs.frozen
class Way:
    """A way to take the step of a recipe.

    Attributes:
        name: What tables call it.
        recipe: The recipe's name or file.
        overrides: Of its keys.
        without: Names of optimisations that it does without.
        plain: Whether it is the reference step.
        device: Where it computes.
        threads: Of a CPU.
    """

    name: str
    recipe: str
    overrides: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    plain: bool = False
    device: str = "cpu"
    threads: int = 1


@attrs.frozen
class FirstStep:
    """What the very first step computes.

    Attributes:
        losses: Unweighted, by `TERM.PLAYER`.
        norms: By player, the norm of its gradient.
    """

    losses: dict[str, float]
    norms: dict[str, float]


class Worker:
    """The other end of a process that takes steps in one way.

    Attributes:
        period: How many steps it takes for all terms to count.

    Raises:
        EfganError: The recipe is at fault, or the process ended.
    """

    def __init__(self, way: Way) -> None:
        self.way = way
        context = multiprocessing.get_context("spawn")
        self._told, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, way), daemon=True)
        self._process.start()
        theirs.close()
        self.period: int = self._answer()

    def first_step(self) -> FirstStep:
        """Take the first step, at a learning rate of 0; to be asked once, before any other."""
        found: FirstStep = self._ask("first")
        return found

    def step(self) -> None:
        """Take `period` steps."""
        self._ask("step")

    def flops(self) -> float:
        """Floating-point operations a step."""
        counted: float = self._ask("flops")
        return counted

    def peak(self) -> int:
        """Bytes that it has held at most: of the GPU, or of the machine."""
        held: int = self._ask("peak")
        return held

    def phases(self) -> dict[str, float]:
        """Seconds of a step by player, the batches for the discriminators alone among theirs."""
        found: dict[str, float] = self._ask("phases")
        return found

    def parts(self) -> dict[str, PartCost]:
        """What each part of the graph costs in a step."""
        found: dict[str, PartCost] = self._ask("parts")
        return found

    def end(self) -> None:
        """Have it end; the memory it held is free afterwards."""
        if self._process.is_alive():
            self._told.send("end")
            self._process.join(30)
        if self._process.is_alive():
            self._process.kill()
        self._told.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *failure: object) -> None:
        self.end()

    def _ask(self, what: str) -> Any:
        self._told.send(what)
        return self._answer()

    def _answer(self) -> Any:
        try:
            done, answer = self._told.recv()
        except (EOFError, ConnectionError) as error:
            self._process.join(5)
            code = self._process.exitcode
            what = f"'{self.way.name}' ended with exit code {code}" + (", killed: out of memory?" if code == -9 else "")
            raise fail("bench", what, "choose a smaller batch or recipe, or fewer modules") from error
        if not done:
            raise EfganError(*(Fault(*fault) for fault in answer))
        return answer


def _work(told: Connection, way: Way) -> None:
    """The process: build, then answer until the end."""
    os.environ["OMP_NUM_THREADS"] = str(way.threads)
    try:
        doing = _Doing(way)
        told.send((True, doing.period))
        while (what := told.recv()) != "end":
            told.send((True, getattr(doing, what)()))
    except EfganError as error:
        told.send((False, [attrs.astuple(fault, recurse=False) for fault in error.faults]))
    except (EOFError, ConnectionError, KeyboardInterrupt):
        pass  # nobody asks any more
    except Exception as error:  # a plugin's component may fail in any way
        what = f"'{way.name}' failed by {type(error).__name__}: {error}"
        told.send((False, [("bench", what, "efgan train with the same recipe shows where")]))


class _Doing:
    """What the process can be asked for."""

    def __init__(self, way: Way) -> None:
        import torch

        from efgan_kit.bench.optimisations import OPTIMISATIONS, undo
        from efgan_kit.bench.reference import reference_step
        from efgan_kit.evaluation.ablation.trial import batches_of, beginning_of, period_of
        from efgan_kit.recipe import load_recipe
        from efgan_kit.training import kept_memory
        from efgan_kit.training.device import choose_device

        torch.set_num_threads(way.threads)
        undo([one.name for one in OPTIMISATIONS] if way.plain else way.without)
        kept_memory.keep_freed_memory()
        plainly = ("train.precision=fp32", "train.channels_last=false") if way.plain else ()
        recipe = load_recipe(way.recipe, overrides=[*way.overrides, *plainly])
        self.training = beginning_of(recipe, choose_device(way.device))
        self.period = period_of(recipe)
        self.batches = [batches_of(self.training, number) for number in range(FEW)]
        self.take = (lambda *batch: reference_step(self.training, *batch)) if way.plain else self._step
        self.taken = 0

    def _step(self, *batch: Any) -> dict[str, Any]:
        losses, _ = self.training.take_step(*batch)
        return losses

    def _next(self) -> dict[str, Any]:
        batch = self.batches[self.taken % FEW]
        self.taken += 1
        return self.take(*batch)

    def first(self) -> FirstStep:
        import torch
        from torch.nn.utils import get_total_norm

        norms: dict[str, float] = {}

        def note(player: str) -> Any:
            def noted(optimizer: torch.optim.Optimizer, *arguments: Any) -> None:
                weights = [weight for group in optimizer.param_groups for weight in group["params"]]
                gradients = [weight.grad for weight in weights if weight.grad is not None]
                norms[player] = float(get_total_norm(gradients))

            return noted

        hooks = [phase.optimizer.register_step_pre_hook(note(phase.player)) for phase in self.training.phases]
        # Adam's first update is the gradient's sign, which rounding turns where there is next to no gradient: several
        # batches for the discriminators would leave each way with other weights.
        schedule, self.training.schedule = self.training.schedule, lambda step: 0.0
        losses = self._next()
        self.training.schedule = schedule
        for hook in hooks:
            hook.remove()
        return FirstStep({name: float(loss) for name, loss in losses.items()}, norms)

    def step(self) -> None:
        from efgan_kit.timing import wait_for

        for _ in range(self.period):
            self._next()
        wait_for(self.training.device)

    def flops(self) -> float:
        from efgan_kit.evaluation.ablation.step_costs import CountedFlops

        with CountedFlops() as counted:
            for _ in range(self.period):
                self._next()
        return counted.total / self.period

    def peak(self) -> int:
        import torch

        if self.training.device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(self.training.device))
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def phases(self) -> dict[str, float]:
        from efgan_kit.bench.where import seconds_by_phase

        return seconds_by_phase(self.training, self._next, self.period)

    def parts(self) -> dict[str, PartCost]:
        from efgan_kit.bench.where import costs_by_part

        return costs_by_part(self.training, self._next, self.period)
