"""Which faces a step sees and what it edits them to: decided by named streams, to be replayed at will."""

from __future__ import annotations

import math
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

import attrs
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from efgan_kit.api import EfganError, FaceDataset, FaceSample, landmarks
from efgan_kit.training.interruption import NOTICE
from efgan_kit.training.mates import Mates
from efgan_kit.training.streams import stream
from efgan_kit.training.unreadable import Forgiving

AHEAD = 8
"""Batches that are read before they are asked for: more than the critic steps of one step."""
READING: Final = threading.Lock()
"""Held by who reads faces while a training goes on: no data set need be ready for two at once."""
GRACE = 20
"""Seconds for which a loader worker outlives a request to end."""


@attrs.frozen
class Draw:
    """One sample of a batch, before anything is read from disk.

    Attributes:
        source: Index of the face to edit.
        target: Index of the face whose AUs are the target.
        paired: Whether the target is the same person, so that its picture is the truth.
        mirrored: Whether source and truth are flipped.
        noise_seed: Seed of the noise on an unpaired target's AUs.
        truth_share: 1 by the number of paired samples in the batch, if this is one, else 0.
    """

    source: int
    target: int
    paired: bool
    mirrored: bool
    noise_seed: int
    truth_share: float = attrs.field(default=0.0, repr=False)


class Plan(Protocol):
    """The draws of every batch by its number: of whole batches, or of a process's share of each."""

    def __getitem__(self, batch: int) -> Sequence[Draw]: ...


class BatchPlan:
    """The draws of every batch of a training.

    Args:
        people: Whose face each face of the data set is.
        batch_size: Faces a batch.
        seed: The training's seed.
        paired: The share of samples whose target is another picture of the same person, where there is one.
        mirror: Whether samples are flipped with probability 1/2.
    """

    def __init__(
        self, people: Sequence[str], *, batch_size: int, seed: int, paired: float = 0.0, mirror: bool = True
    ) -> None:
        self.count = len(people)
        self.batch_size = batch_size
        self.seed = seed
        self.paired = paired
        self.mirror = mirror
        self.mates = Mates(people)
        self._order: tuple[int, Tensor] = (-1, torch.empty(0))

    @property
    def batches_per_epoch(self) -> int:
        return max(1, self.count // self.batch_size)

    def __getitem__(self, batch: int) -> list[Draw]:
        """The draws of batch number `batch`, counted over all epochs."""
        epoch, place = divmod(batch, self.batches_per_epoch)
        known, order = self._order
        if known != epoch:
            order = torch.randperm(self.count, generator=stream(self.seed, "data.order", epoch))
            self._order = (epoch, order)
        sources = [int(order[(place * self.batch_size + k) % self.count]) for k in range(self.batch_size)]
        random = stream(self.seed, "data.targets", batch)
        flips = torch.rand(self.batch_size, generator=stream(self.seed, "data.mirror", batch))
        mirrored = [bool(self.mirror and flip < 0.5) for flip in flips.tolist()]
        draws = [self._draw(source, random, flip) for source, flip in zip(sources, mirrored, strict=True)]
        truths = max(1, sum(draw.paired for draw in draws))
        return [attrs.evolve(draw, truth_share=draw.paired / truths) for draw in draws]

    def _draw(self, source: int, random: torch.Generator, mirrored: bool) -> Draw:
        # All numbers are drawn whether used or not, so that each sample's draws stay in their place.
        coin, pick, other = torch.rand(3, generator=random, dtype=torch.float64).tolist()
        noise_seed = int(torch.randint(2**31, (1,), generator=random))
        mates = self.mates.count(source)
        if mates and coin < self.paired:
            return Draw(source, self.mates.other(source, int(pick * mates)), True, mirrored, noise_seed)
        return Draw(source, int(other * self.count), False, mirrored, noise_seed)


def assemble(dataset: FaceDataset, draws: Sequence[Draw], target_noise: float) -> dict[str, Tensor]:
    """The given values of one batch, as `efgan_kit.api.GIVEN_VALUES` describes them; pictures still uint8.

    Of a data set that knows all its AU vectors, no picture is read whose AUs alone are wanted.
    """
    known: Any = getattr(dataset, "au_vectors", None)
    wanted = [index for draw in draws for index in (draw.source, draw.target) if _is_seen(index, draw, known)]
    with READING:
        faces = {index: dataset[index] for index in dict.fromkeys(wanted)}
    aus = [faces[draw.target].aus if draw.target in faces else known[draw.target] for draw in draws]
    sources = [_mirrored(faces[draw.source], draw.mirrored) for draw in draws]
    truths = [_mirrored(faces[draw.target if draw.paired else draw.source], draw.mirrored) for draw in draws]
    return {
        "source": torch.stack([sample.image for sample in sources]),
        "landmarks": torch.stack([sample.landmarks for sample in sources]),
        "source_aus": torch.stack([sample.aus for sample in sources]),
        "target_aus": torch.stack([_target(aus[row], draw, target_noise) for row, draw in enumerate(draws)]),
        "truth": torch.stack([sample.image for sample in truths]),
        "has_truth": torch.tensor([float(draw.paired) for draw in draws]),
        "truth_share": torch.tensor([draw.truth_share for draw in draws]),
    }


def _is_seen(index: int, draw: Draw, known: Tensor | None) -> bool:
    """Whether a face of a draw is looked at, or its AUs alone are wanted, which are known."""
    return index == draw.source or draw.paired or known is None


def to_device(batch: dict[str, Tensor], device: torch.device, channels_last: bool) -> dict[str, Tensor]:
    """The batch on the device, pictures as float `(B, 3, H, W)` in [-1, 1]."""
    moved = {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}
    layout = torch.channels_last if channels_last else torch.contiguous_format
    for name in ("source", "truth"):
        moved[name] = (moved[name].float() / 127.5 - 1).contiguous(memory_format=layout)
    return moved


def batches(
    dataset: FaceDataset, plan: Plan, *, first: int, last: int, target_noise: float, workers: int
) -> Generator[dict[str, Tensor]]:
    """The batches number `first` to `last`, which is left out, read ahead by `workers` processes (0: a thread here)."""
    if not workers:
        yield from _read_ahead(lambda number: assemble(dataset, plan[number], target_noise), range(first, last))
        return
    loader = DataLoader(
        _PlannedBatches(dataset, plan, target_noise),
        batch_size=None,
        sampler=range(first, last),
        num_workers=workers,
        prefetch_factor=max(2, math.ceil(AHEAD / workers)),
        worker_init_fn=_leave_interruptions,
        pin_memory=torch.cuda.is_available(),
    )
    for batch, unreadable in loader:
        if isinstance(dataset, Forgiving):
            dataset.count(unreadable)
        if isinstance(batch, EfganError):
            raise batch
        yield batch


def _read_ahead(
    read: Callable[[int], dict[str, Tensor]], numbers: Iterable[int]
) -> Generator[dict[str, Tensor]]:
    """What is read of each number, in order; a thread reads the next ones while the caller works with one."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="batches")
    coming: deque[Future[dict[str, Tensor]]] = deque()
    try:
        for number in numbers:
            coming.append(thread.submit(read, number))
            if len(coming) > AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        thread.shutdown(cancel_futures=True)


class _PlannedBatches(Dataset[tuple[dict[str, Tensor] | EfganError, dict[int, EfganError]]]):
    """The planned batches by number, as a data set that loader workers can share."""

    def __init__(self, dataset: FaceDataset, plan: Plan, target_noise: float) -> None:
        self.dataset, self.plan, self.target_noise = dataset, plan, target_noise

    def __getitem__(self, number: int) -> tuple[dict[str, Tensor] | EfganError, dict[int, EfganError]]:
        """The batch, or what is wrong with it: raised here, the user would get a worker's traceback.

        Beside it, pictures that could not be read and were replaced, by their index.
        """
        batch: dict[str, Tensor] | EfganError
        try:
            batch = assemble(self.dataset, self.plan[number], self.target_noise)
        except EfganError as error:
            batch = error
        return batch, self.dataset.take_untold() if isinstance(self.dataset, Forgiving) else {}


def _leave_interruptions(worker: int) -> None:
    """It is the trainer that decides when to stop, and the signals that ask it to reach the workers too.

    A worker that is told to end takes its time: the trainer finishes its step, and ends it in good order.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if NOTICE is not None:
        signal.signal(NOTICE, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.alarm(GRACE))


def _mirrored(sample: FaceSample, mirrored: bool) -> FaceSample:
    if not mirrored:
        return sample
    return FaceSample(sample.image.flip(-1), landmarks.mirror(sample.landmarks, sample.image.shape[-1]), sample.aus)


def _target(aus: Tensor, draw: Draw, noise: float) -> Tensor:
    """The target AUs: the truth's own, or another face's with U(-noise, noise) added, as in GANimation."""
    if draw.paired or not noise:
        return aus
    random = torch.Generator().manual_seed(draw.noise_seed)
    return (aus + noise * (2 * torch.rand(len(aus), generator=random) - 1)).clamp(0, 1)
