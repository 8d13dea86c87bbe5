"""The training step: a batch in, one phase a player, and everything that takes part."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset, Schedule, ValueFunction, fail
from efgan_kit.recipe import Recipe
from efgan_kit.training import checkpoints
from efgan_kit.training.averaging import Averaged
from efgan_kit.training.bad_numbers import BadNumbers
from efgan_kit.training.batches import BatchPlan
from efgan_kit.training.beforehand import learn_beforehand
from efgan_kit.training.distribution.draws import SharedDraws
from efgan_kit.training.distribution.processes import ALONE, Processes
from efgan_kit.training.distribution.shares import SharedPlan
from efgan_kit.training.modes import Buffers, only_learns
from efgan_kit.training.phases import NotFiniteError, Phase
from efgan_kit.training.precision import Precision
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import Snapshot, snapshot
from efgan_kit.training.streams import drawn_globally, stream
from efgan_kit.training.values import StepValues, chained


@attrs.define
class Training:
    """Everything that one training consists of, and how far it has come.

    Attributes:
        phases: One for each player with live terms: generator, discriminator, interpolator.
        stages: The named values of each of the graph's modules.
        averaged: The weights that edit.
        test: The faces of sample sheets, if the recipe has any.
        steps: How many steps the whole training has.
        schedule: The learning rates' factor at a step.
        step: How many steps are done.
        seconds: Since the beginning, with what the terms learned beforehand.
        latest: The last unweighted loss of each term, by `TERM.PLAYER`.
        bad: What becomes of updates whose numbers are not finite.
        streams: Makes the random stream of a seed, a consumer and a step.
        taken_over: Terms that came from another run with what they must learn beforehand.
        processes: Those that train together, each on its share of every batch.
    """

    recipe: Recipe
    device: torch.device
    graph: nn.Module
    terms: nn.ModuleDict
    phases: list[Phase]
    stages: Sequence[Mapping[str, ValueFunction]]
    averaged: Averaged
    precision: Precision
    faces: FaceDataset
    test: FaceDataset | None
    plan: BatchPlan
    steps: int
    schedule: Schedule
    step: int = 0
    seconds: float = 0.0
    latest: dict[str, Tensor] = attrs.field(factory=dict)
    taken_over: frozenset[str] = frozenset()
    bad: BadNumbers = attrs.field(factory=BadNumbers)
    streams: Callable[[int, str, int], torch.Generator] = stream
    processes: Processes = ALONE

    def take_step(
        self, given: Mapping[str, Tensor], extra: Sequence[Mapping[str, Tensor]] = ()
    ) -> tuple[dict[str, Tensor], list[StepValues]]:
        """One generator step: the discriminators learn from `extra` batches, then everyone from `given`.

        The generator goes first, so that the discriminators judge the very pictures it made, at no second
        forward.

        Returns:
            The unweighted losses by `TERM.PLAYER`, and the values of the step, for each module. Where there are
            several, the losses are their sums, and `TERM.PLAYER@K` is module K's own.
        """
        for phase in self.phases:
            phase.scale_rate(self.schedule(self.step))
        critics = [phase for phase in self.phases if phase.player == "discriminator"]
        first = self.step * self.recipe.train.critic_steps
        for number, batch in enumerate(extra):
            self._teach(critics, self.values(batch, f".{number}"), first + number)
        values = self.values(given)
        losses = self._teach(self.phases, values, first + len(extra))
        self.averaged.update(self.step)
        self.latest |= losses
        self.step += 1
        return losses, values

    def _teach(self, phases: Sequence[Phase], values: Sequence[StepValues], batch: int) -> dict[str, Tensor]:
        """Each phase in its turn, in which its player alone learns from batch number `batch`."""
        losses: dict[str, Tensor] = {}
        for phase in phases:
            before = Buffers(self.graph, self.terms) if self.recipe.train.skip_bad_steps else None
            try:
                with self.turn(phase, values):
                    found = phase.run(values, self.step, self.precision, self.processes)
            except NotFiniteError as error:
                self.bad.met(self, phase, values, batch, error)
                if before is not None:
                    before.put_back()
                continue
            losses |= {f"{term}.{phase.player}": by_module.sum() for term, by_module in found.items()}
            losses |= {
                f"{term}.{phase.player}@{place}": loss
                for term, by_module in found.items()
                if len(by_module) > 1
                for place, loss in enumerate(by_module, start=1)
            }
        return losses

    @property
    def own_plan(self) -> BatchPlan | SharedPlan:
        """The draws that this process learns from: its share of every batch."""
        return self.plan if self.processes.alone else SharedPlan(self.plan, self.processes)

    @contextlib.contextmanager
    def turn(self, phase: Phase, values: Sequence[StepValues]) -> Iterator[None]:
        """Within, the phase's player alone learns, and what draws globally draws from the phase's own stream."""
        random = values[0].stream(f"phases.{phase.player}")
        with only_learns(phase.modules, (self.graph, self.terms)), drawn_globally(random), self._shared_draws():
            yield

    def _shared_draws(self) -> contextlib.AbstractContextManager[object]:
        """Within, what is drawn for each face of the batch is drawn for those of all processes."""
        if self.processes.alone:
            return contextlib.nullcontext()
        return SharedDraws(self.processes, self.recipe.train.batch_size // self.processes.count)

    def values(self, given: Mapping[str, Tensor], suffix: str = "") -> list[StepValues]:
        """The named values of this step on one batch, by module; `suffix` tells the batches of a step apart."""
        seed, step = self.recipe.train.seed, self.step
        return chained(self.stages, given, lambda consumer: self.streams(seed, consumer + suffix, step))

    def learn_beforehand(self, say: Callable[[str], None]) -> None:
        """Let the terms that must learn something before the first step do so; it counts as training.

        Of several processes the first one does, and `unite` gives the others what it learned.
        """
        began = time.monotonic()
        for name, term in self.terms.items():
            if not callable(getattr(term, "prepare", None)) or name in self.taken_over:
                continue
            if self.processes.first or not term.state_dict():
                learn_beforehand(name, term, self.recipe, self.faces, say)
        self.seconds += time.monotonic() - began

    def unite(self) -> None:
        """Have all processes begin with the first one's weights, whatever machine they were made on.

        Raises:
            EfganError: They don't begin with the same step.
        """
        if not self.processes.same(self.step):
            what = "not all processes find the same checkpoints there"
            raise fail("--run", what, "the run folder must be one that all machines see")
        self.processes.give(self._modules())

    def agree(self) -> None:
        """Make sure that what is saved is what all processes go on with. Raises EfganError if weights differ."""
        self.processes.must_agree(self._modules())
        self.processes.give_buffers(self._modules())

    def snapshot(self) -> Snapshot:
        """What a checkpoint of the step that was just taken holds."""
        return snapshot(
            self.step,
            self._modules(),
            {phase.player: phase.optimizer for phase in self.phases},
            {
                "seconds": self.seconds,
                "scaler": self.precision.scaler.state_dict(),
                "latest": {name: loss.item() for name, loss in self.latest.items()},
                **({"skipped": self.bad.skipped} if self.bad.skipped else {}),
            },
        )

    def restore(self, folder: RunFolder, say: Callable[[str], None]) -> bool:
        """Take up the run's newest sound checkpoint: weights, moments, averages, step; later log lines are dropped.

        Args:
            say: Told of damage.

        Of several processes each reads it; how many there were when it was written makes no difference.

        Returns:
            Whether there was one. A run that was ended before its first checkpoint begins anew.
        """
        found = checkpoints.newest_sound(folder, say) if self.processes.first else None
        self.processes.wait()
        if not self.processes.first:  # damaged ones are set aside by now
            found = checkpoints.newest_sound(folder, say)
        if found:
            self._read(found)
        if self.processes.first:
            for line in folder.cut_log(self.step):
                say(f"warning: {folder.log}:{line}: the line is damaged and left out")
        return found is not None

    def _read(self, checkpoint: Path) -> None:
        state = checkpoints.read_state(checkpoint)
        for name, module in self._modules().items():
            checkpoints.restore_module(checkpoint, name, module)
        for phase in self.phases:
            checkpoints.restore_optimizer(checkpoint, phase.player, phase.optimizer)
        if state.get("scaler"):
            self.precision.scaler.load_state_dict(state["scaler"])
        self.latest = {name: torch.tensor(loss) for name, loss in state.get("latest", {}).items()}
        self.bad.skipped = int(state.get("skipped", 0))
        self.step, self.seconds = state["step"], float(state.get("seconds", 0.0))

    def _modules(self) -> dict[str, nn.Module]:
        averaged = {} if self.averaged.ema is None else {"averaged": self.averaged.ema.module}
        return {"graph": self.graph, "terms": self.terms, **averaged}
