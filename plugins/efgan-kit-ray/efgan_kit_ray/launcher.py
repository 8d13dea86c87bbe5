"""The launcher `ray`."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ray

from efgan_kit.api import fail
from efgan_kit_ray import notes
from efgan_kit_ray.jobs import RayJob
from efgan_kit_ray.keeper import Keeper

WHO = "launcher 'ray'"
NAMESPACE = "efgan-kit"


class Ray:
    """Actors of a Ray cluster, one a training.

    Args:
        address: The cluster's: `auto` for the one that this machine belongs to, or `HOST:PORT`. `local` makes one of
            this machine, which ends with the command.
        cpus: Of a training, which computes with as many threads.
        gpus: Of a training; a share of one lets several trainings have it.
        memory: Of a training, in gigabytes; 0 asks for none.
        restarts: How often a training goes on elsewhere after its machine failed.
        resources: Further resources of a training by their names in the cluster, such as `{a100: 1}`.
    """

    def __init__(
        self,
        *,
        address: str = "auto",
        cpus: int = 1,
        gpus: float = 0.0,
        memory: float = 0.0,
        restarts: int = 3,
        resources: Mapping[str, float] | None = None,
    ) -> None:
        least = {"cpus": (cpus, 1), "gpus": (gpus, 0), "memory": (memory, 0), "restarts": (restarts, 0)}
        for name, (given, bound) in least.items():
            if given < bound:
                raise ValueError(f"{name} is {given}: it must be at least {bound}")
        self.address = address
        self.threads = cpus
        self.asked = {"num_cpus": cpus, "num_gpus": gpus, "resources": dict(resources or {}), "max_restarts": restarts}
        if memory:
            self.asked["memory"] = int(memory * 2**30)
        self.found: dict[Path, RayJob] = {}

    def prepare(self) -> None:
        """Join the cluster, which must have machines that are large enough."""
        try:
            ray.init(
                self.address, namespace=NAMESPACE, ignore_reinit_error=True, log_to_driver=False,
                configure_logging=False, include_dashboard=False if self.address == "local" else None,
            )  # fmt: skip
        except (ConnectionError, ValueError, RuntimeError) as error:
            hint = "start one by `ray start --head`, or name yours by address=HOST:PORT"
            raise fail(WHO, f"no Ray cluster answers at address '{self.address}'", hint) from error

    def start(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], name: str
    ) -> RayJob | None:
        with log.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None  # a training is writing it, or another process is asking for one
            except OSError:
                pass  # a file system without locks: Ray has one actor of a name
            if self._lives(log):
                return None
            notes.write(log, {"name": name})
            keeper = self._keeper(command, log, {**environment, "OMP_NUM_THREADS": str(self.threads)})
        return None if keeper is None else RayJob(keeper, log)

    def _keeper(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Any:
        """The actor, at work or waiting for resources; None while the one before it is about to leave."""
        actor: Any = ray.remote(Keeper)
        ours = {"name": str(log), "namespace": NAMESPACE, "lifetime": "detached"}
        try:
            return actor.options(**ours, **self.asked).remote(list(command), str(log), environment, str(Path.cwd()))
        except ValueError:  # the name is taken
            return None

    def _lives(self, log: Path) -> bool:
        """Whether the keeper of an earlier training with this log has not left yet."""
        note = notes.read(log)
        if note and note.get("launcher") != notes.LAUNCHER:
            what = f"this training was given to the launcher {note.get('launcher')}"
            raise fail(str(notes.note_of(log)), what, "use that, or remove the file if its job is no more")
        known = self.found.get(log)
        if known is None:
            try:
                known = RayJob(ray.get_actor(str(log), namespace=NAMESPACE), log)
            except ValueError:
                return False
            self.found[log] = known
        if known.poll() is None:
            return True
        del self.found[log]
        return False
