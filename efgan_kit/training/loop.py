"""The training loop: batches in, one phase a player, and what a run leaves on disk.

A step is `critic_steps - 1` batches for the discriminators alone, then one batch for every player in turn. The
generator goes first, so that the discriminators judge the very pictures it made, at no second forward.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.api import GIVEN_VALUES, FaceDataset, Schedule, ValueFunction, values_of
from efgan_kit.recipe import (
    Recipe,
    build_dataset,
    build_graph,
    build_losses,
    build_optimizer,
    build_schedule,
    lock,
)
from efgan_kit.registry import registry
from efgan_kit.training import checkpoints
from efgan_kit.training.averaging import Averaged
from efgan_kit.training.batches import BatchPlan, assemble, batches, to_device
from efgan_kit.training.device import choose_device
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.phases import PLAYERS, Phase, live_terms, only_learns
from efgan_kit.training.precision import Precision
from efgan_kit.training.run_folder import RunFolder, write_json
from efgan_kit.training.sheets import write_sheet
from efgan_kit.training.streams import seeded_build, stream
from efgan_kit.training.values import StepValues, needed
from efgan_kit.training.watch import Watch

SHEET_FACES = 8


def train(
    recipe: Recipe,
    *,
    run: str | Path,
    resume: bool = False,
    device: str = "auto",
    quiet: bool = False,
) -> dict[str, Any]:
    """Train a recipe from its first step to its last, or on from the run's newest checkpoint.

    Args:
        recipe: What to train; with `resume`, the run's own recipe.
        run: The run folder; new and empty unless `resume`.
        resume: Go on with the run that is there.
        device: `auto`, `cpu`, `cuda`, `mps`.
        quiet: Say nothing on stderr.

    Returns:
        The run's summary, as `summary.json` holds it.

    Raises:
        EfganError: Recipe, data or folder are at fault, or a loss is no longer finite.
        KeyboardInterrupt: Ctrl-C or SIGTERM; a checkpoint has been written.
    """
    folder, watch = RunFolder(Path(run)), Watch(quiet=quiet)
    training = prepare(recipe, choose_device(device))
    if resume:
        folder.must_exist()
        training.restore(folder)
    else:
        folder.begin(recipe.to_yaml(), lock(recipe))
        training.learn_beforehand(watch)
    hook = registry().manager.hook
    hook.efgan_run_started(run=folder.path, recipe=attrs.asdict(recipe.train))
    summary = training.run(folder, watch)
    write_json(folder.summary, summary)
    hook.efgan_run_finished(run=folder.path, summary=summary)
    return summary


@attrs.define
class Training:
    """Everything that one training consists of, and how far it has come."""

    recipe: Recipe
    device: torch.device
    graph: nn.Module
    terms: nn.ModuleDict
    phases: list[Phase]
    functions: Mapping[str, ValueFunction]
    averaged: Averaged
    precision: Precision
    faces: FaceDataset
    test: FaceDataset | None
    plan: BatchPlan
    steps: int
    schedule: Schedule
    rates: dict[str, float]
    step: int = 0
    seconds: float = 0.0

    # The training step -------------------------------------------------------------------------------------------

    def take_step(self, given: Mapping[str, Tensor], extra: list[Mapping[str, Tensor]]) -> tuple[dict[str, Tensor], StepValues]:
        """One generator step: the discriminators learn from `extra` batches first, then everyone from `given`.

        Returns:
            The unweighted losses, by `term` or, where several players have the term, `term.player`.
        """
        for phase in self.phases:
            phase.optimizer.param_groups[0]["lr"] = self.rates[phase.player] * self.schedule(self.step)
        for number, batch in enumerate(extra):
            values = self._values(batch, f".{number}")
            for phase in self.phases:
                if phase.player == "discriminator":
                    self._teach(phase, values)
        values = self._values(given)
        losses = {f"{term}.{phase.player}": loss for phase in self.phases for term, loss in self._teach(phase, values).items()}
        self.averaged.update(self.step)
        self.step += 1
        return losses, values

    def _teach(self, phase: Phase, values: StepValues) -> dict[str, Tensor]:
        with only_learns(phase, self.phases):
            return phase.run(values, self.step, self.precision)

    def _values(self, given: Mapping[str, Tensor], suffix: str = "") -> StepValues:
        seed, step = self.recipe.train.seed, self.step
        return StepValues(self.functions, given, lambda consumer: stream(seed, consumer + suffix, step))

    # The run -----------------------------------------------------------------------------------------------------

    def run(self, folder: RunFolder, watch: Watch) -> dict[str, Any]:
        """Take all steps that are left; log, draw sheets and write checkpoints on the way."""
        settings = self.recipe.train
        hook = registry().manager.hook
        began = time.monotonic() - self.seconds
        reader = batches(
            self.faces,
            self.plan,
            first=self.step * settings.critic_steps,
            last=self.steps * settings.critic_steps,
            target_noise=settings.target_noise,
            workers=settings.workers,
        )
        moved = (to_device(batch, self.device, settings.channels_last) for batch in reader)
        written = self.step if checkpoints.complete(folder) else -1
        with Interruption() as interruption, watch.training(self.step, self.steps):
            while self.step < self.steps:
                extra = [next(moved) for _ in range(settings.critic_steps - 1)]
                losses, values = self.take_step(next(moved), extra)
                self.seconds = time.monotonic() - began
                last = self.step == self.steps or interruption.asked
                if self.step % settings.log_every == 0 or self.step == self.steps:
                    record = self._record(losses, values)
                    folder.append_log(record)
                    watch.logged(record)
                    hook.efgan_step_logged(run=folder.path, record=record)
                if self.step % settings.sample_every == 0 or self.step == self.steps:
                    self.draw_sheet(folder.sheet(self.step))
                if self.step % settings.checkpoint_every == 0 or last:
                    checkpoint = self.save(folder)
                    written = self.step
                    hook.efgan_checkpoint_written(run=folder.path, step=self.step, checkpoint=checkpoint)
                if interruption.asked and self.step < self.steps:
                    watch.say(f"interrupted; step {written} is saved, go on with --resume")
                    raise KeyboardInterrupt
                watch.step(self.step)
        return {"steps": self.step, "seconds": round(self.seconds, 1)}

    def _record(self, losses: Mapping[str, Tensor], values: StepValues) -> dict[str, Any]:
        record: dict[str, Any] = {
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "losses": {name: float(loss) for name, loss in losses.items()},
            "rates": {phase.player: phase.optimizer.param_groups[0]["lr"] for phase in self.phases},
        }
        if "attention" in self.functions:
            with torch.no_grad():
                record["attention"] = {name: float(map_.mean()) for name, map_ in values["attention"].items()}
        return record

    def draw_sheet(self, path: Path) -> None:
        """A sheet of test faces (of training faces where the recipe has no test set) edited by the averaged weights."""
        faces = self.test if self.test is not None and len(self.test.pairs) else self.faces
        stride = max(1, len(faces.pairs) // SHEET_FACES)
        pairs = list(faces.pairs)[::stride][:SHEET_FACES]
        if not pairs:
            return
        sources, truths = [faces[i] for i, _ in pairs], [faces[j] for _, j in pairs]
        source = torch.stack([sample.image for sample in sources]).to(self.device).float() / 127.5 - 1
        self.graph.eval()
        with torch.no_grad(), self.averaged.applied(), self.precision.autocast():
            edited = self.graph.edit(  # type: ignore[operator]
                source,
                torch.stack([sample.landmarks for sample in sources]).to(self.device),
                torch.stack([sample.aus for sample in sources]).to(self.device),
                torch.stack([sample.aus for sample in truths]).to(self.device),
            )
        self.graph.train()
        columns = {
            "source": source,
            "initial": edited.initial,
            "attention": edited.attention,
            "final": edited.image,
            "truth": torch.stack([sample.image for sample in truths]).float() / 127.5 - 1,
        }
        write_sheet(path, columns, title=f"{self.recipe.name}, step {self.step}")

    # What is learned before, kept, and taken up again ---------------------------------------------------------------

    def learn_beforehand(self, watch: Watch) -> None:
        """Let the terms that must learn something before the first step do so; its time counts as training."""
        began = time.monotonic()
        for name, term in self.terms.items():
            if hasattr(term, "prepare"):
                watch.say(f"preparing the loss term '{name}' ...")
                term.prepare(self.faces, stream(self.recipe.train.seed, f"losses.{name}.prepare"))
        self.seconds += time.monotonic() - began

    def save(self, folder: RunFolder) -> Path:
        return checkpoints.save(
            folder,
            self.step,
            self._modules(),
            {phase.player: phase.optimizer for phase in self.phases},
            {"seconds": self.seconds},
            self.recipe.train.keep,
        )

    def restore(self, folder: RunFolder) -> None:
        """Take up the run's newest checkpoint: weights, moments, averages, step; later log lines are dropped."""
        checkpoint = checkpoints.newest(folder)
        state = checkpoints.read_state(checkpoint)
        for name, module in self._modules().items():
            checkpoints.restore_module(checkpoint, name, module)
        for phase in self.phases:
            checkpoints.restore_optimizer(checkpoint, phase.player, phase.optimizer)
        self.step, self.seconds = state["step"], float(state.get("seconds", 0.0))
        folder.cut_log(self.step)

    def _modules(self) -> dict[str, nn.Module]:
        averaged = {} if self.averaged.ema is None else {"averaged": self.averaged.ema.module}
        return {"graph": self.graph, "terms": self.terms, **averaged}


def prepare(recipe: Recipe, device: torch.device) -> Training:
    """Build everything that a recipe's training needs, each part from a random stream of its own."""
    settings = recipe.train
    faces = build_dataset(recipe, "train")
    test = build_dataset(recipe, "test") if "test" in recipe.data else None
    plan = BatchPlan(
        faces.people,
        batch_size=settings.batch_size,
        seed=settings.seed,
        paired=settings.paired,
        mirror=settings.mirror,
    )
    per_epoch = max(1, plan.batches_per_epoch // settings.critic_steps)
    steps = settings.steps or per_epoch * (settings.epochs or 0)
    with seeded_build(settings.seed, "graph"):
        graph = build_graph(recipe)
    with seeded_build(settings.seed, "losses"):
        terms = nn.ModuleDict(build_losses(recipe))
    layout = torch.channels_last if settings.channels_last else torch.contiguous_format
    graph.to(device).to(memory_format=layout)
    terms.to(device)
    players = graph.players()  # type: ignore[operator]
    functions = values_of(graph)
    phases = []
    for player in PLAYERS:
        live = live_terms(
            player,
            dict(terms),
            {name: use.weight_for(player) for name, use in recipe.losses.items()},
            {name: use.every for name, use in recipe.losses.items()},
        )
        needed(functions, GIVEN_VALUES, tuple(need for term in live for need in term.needs))
        parameters = [parameter for module in players.get(player, ()) for parameter in module.parameters()]
        if live and parameters:
            optimizer = build_optimizer(recipe, player, parameters)
            phases.append(Phase(player, players[player], live, optimizer, settings.clip))
    return Training(
        recipe=recipe,
        device=device,
        graph=graph,
        terms=terms,
        phases=phases,
        functions=functions,
        averaged=Averaged(nn.ModuleList(players["generator"]), settings.ema),
        precision=Precision(settings.precision, device),
        faces=faces,
        test=test,
        plan=plan,
        steps=steps,
        schedule=build_schedule(recipe, steps=steps, steps_per_epoch=per_epoch),
        rates={phase.player: phase.optimizer.param_groups[0]["lr"] for phase in phases},
    )
