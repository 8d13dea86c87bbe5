"""Named random streams: what one consumer draws never moves what another draws.

A stream is named by (seed, consumer, step). Removing a loss term, resuming a run or changing the number of
loader workers leaves every other consumer's numbers as they were.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

import torch


def stream(seed: int, consumer: str, step: int = 0) -> torch.Generator:
    """A CPU generator that depends on the seed, the consumer's name and the step, and on nothing else."""
    digest = hashlib.blake2b(f"{seed}/{consumer}/{step}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


@contextlib.contextmanager
def drawn_globally(random: torch.Generator) -> Iterator[None]:
    """Within, torch's global generator begins as `random` did: initialisers and dropout know no other."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random.initial_seed())
        yield


def seeded_build(seed: int, consumer: str) -> AbstractContextManager[None]:
    """Within, modules are built under a stream of their own."""
    return drawn_globally(stream(seed, consumer))
