"""What an evaluation measures, made up for six faces of three people: metrics are examined on it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from efgan_kit.testing.scenes import SQUARE
from efgan_kit.training.streams import stream

FACES = 6
STEPS = 3
REGIONS = ("face", *SQUARE.faces.local)


def measured() -> dict[str, Any]:
    """The values of an evaluation by name: see "An evaluation's values" in docs/values.md."""
    copied, redrawn = _by_region("attention_copies", 0, 0.5), _by_region("attention_redraws", 0, 0.5)
    return {
        **{name: _pictures(name) for name in ("source", "edited", "truth", "example")},
        "person": torch.arange(FACES) // 2,
        **{name: _aus(name) for name in ("source_aus", "target_aus", "edited_aus", "noop_aus", "floor_aus")},
        **{name: _aus(name, STEPS) for name in ("step_aus", "step_targets")},
        "attention_mean": _by_region("attention_mean", 0, 1),
        "attention_copies": copied,
        "attention_redraws": redrawn,
        **{name: _by_region(name, 20, 40) for name in ("edited_psnr", "noop_psnr")},
        **{name: _by_region(name, 0, 1) for name in ("edited_ssim", "noop_ssim", "edited_l1", "noop_l1")},
        **{name: _numbers(name, FACES) for name in ("self_edit_l1", "cycle_l1")},
        "cycle_psnr": 40 * _numbers("cycle_psnr", FACES),
    }


def _numbers(name: str, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=stream(0, f"measured.{name}"))


def _pictures(name: str) -> Tensor:
    return 2 * _numbers(name, FACES, 3, SQUARE.faces.size, SQUARE.faces.size) - 1


def _aus(name: str, *steps: int) -> Tensor:
    return _numbers(name, FACES, *steps, SQUARE.aus)


def _by_region(name: str, low: float, high: float) -> dict[str, Tensor]:
    return {region: low + (high - low) * _numbers(f"{name}.{region}", FACES) for region in REGIONS}
