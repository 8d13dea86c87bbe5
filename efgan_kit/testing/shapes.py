"""What each kind of component must return: shapes, and the ranges that the next component counts on."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor

from efgan_kit.api import Edit, Edited, Verdict
from efgan_kit.testing.contract import demand
from efgan_kit.testing.scenes import SCENES, SQUARE, Scene
from efgan_kit.testing.signatures import made_on_the_meta_device
from efgan_kit.testing.subject import Subject, call, inputs_of

Shape = tuple[int, ...]
SLACK: Final = 1e-5
"""Rounding that a bound forgives."""


def returns_what_its_kind_promises(subject: Subject) -> None:
    """Right shapes and ranges at two sizes, in batches of three and of one."""
    for scene in SCENES:
        module = subject.make(scene)
        for batch in (3, 1):
            inputs = inputs_of(subject.kind, scene, batch)
            with torch.no_grad():
                output = call(subject, module, inputs)
            _CONTRACTS[subject.kind](subject, output, inputs, scene)


def returns_its_shapes_on_the_meta_device(subject: Subject) -> None:
    """The same shapes where recipes are checked, with the constructor's defaults."""
    module = made_on_the_meta_device(subject)
    inputs = tuple(tensor.to("meta") for tensor in inputs_of(subject.kind, SQUARE))
    with torch.no_grad():
        output = call(subject, module.eval(), inputs)
    _CONTRACTS[subject.kind](subject, output, inputs, SQUARE)


def _generator(subject: Subject, edit: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    demand(subject, isinstance(edit, Edit), "returns an Edit", type(edit).__name__)
    image = inputs[0]
    batch, _, height, width = image.shape
    _within(subject, "image", edit.image, (batch, 3, height, width), -1, 1)
    _within(subject, "attention", edit.attention, (batch, 1, height, width), 0, 1)
    _within(subject, "colour", edit.colour, (batch, 3, height, width), -1, 1)
    if edit.flow is not None:
        _within(subject, "flow", edit.flow, (batch, 2, height, width))
    if not edit.image.is_meta:
        mixed = edit.attention * edit.colour + (1 - edit.attention) * image
        off = float((mixed - edit.image).abs().max())
        contract = "image = attention * colour + (1 - attention) * input: 1 is edited, 0 copied"
        demand(subject, off < 1e-4, contract, f"off by up to {off:.2g}")


def _refiner(subject: Subject, picture: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    _within(subject, "the final picture", picture, tuple(inputs[0].shape), -1, 1)


def _discriminator(subject: Subject, verdict: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    demand(subject, isinstance(verdict, Verdict), "returns a Verdict", type(verdict).__name__)
    batch = len(inputs[0])
    _within(subject, "score", verdict.score, (batch, *verdict.score.shape[1:]))
    if verdict.aus is not None:
        _within(subject, "aus", verdict.aus, (batch, scene.aus))


def _interpolator(subject: Subject, aus: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    _within(subject, "the interpolated AUs", aus, (len(inputs[0]), scene.aus), 0, 1)


def _au_discriminator(subject: Subject, score: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    _within(subject, "the score", score, (len(inputs[0]), 1))


def _graph(subject: Subject, edited: Any, inputs: tuple[Tensor, ...], scene: Scene) -> None:
    demand(subject, isinstance(edited, Edited), "edit(...) returns an Edited", type(edited).__name__)
    batch, size = len(inputs[0]), scene.faces.size
    pictures = {"image": edited.image, "initial": edited.initial}
    pictures |= {f"steps[{step}]": picture for step, picture in enumerate(edited.steps)}
    for name, picture in pictures.items():
        _within(subject, name, picture, (batch, 3, size, size), -1, 1)
    _within(subject, "attention", edited.attention, (batch, 1, size, size), 0, 1)
    for step, aus in enumerate(edited.targets):
        _within(subject, f"targets[{step}]", aus, (batch, scene.aus), 0, 1)
    parallel = len(edited.targets) in (0, len(edited.steps))
    counts = f"{len(edited.targets)} targets of {len(edited.steps)} steps"
    demand(subject, parallel, "targets has the AUs of each step, or nothing", counts)
    last = len(edited.steps) > 0 and (edited.image.is_meta or torch.equal(edited.steps[-1], edited.image))
    demand(subject, last, "steps ends with the final picture", f"{len(edited.steps)} steps")


def _within(
    subject: Subject,
    name: str,
    tensor: Any,
    shape: Shape,
    low: float | None = None,
    high: float | None = None,
) -> None:
    demand(subject, isinstance(tensor, Tensor), f"{name} is a tensor {shape}", type(tensor).__name__)
    demand(subject, tuple(tensor.shape) == shape, f"{name} has the shape {shape}", tuple(tensor.shape))
    demand(subject, tensor.is_floating_point(), f"{name} holds floating-point numbers", tensor.dtype)
    demand(subject, tensor.device.type != "cuda", f"{name} lies where the inputs do, on the CPU", tensor.device)
    if tensor.is_meta:
        return
    demand(subject, bool(tensor.isfinite().all()), f"{name} is finite", "nan or infinity")
    if low is not None and high is not None:
        seen = (float(tensor.min()), float(tensor.max()))
        inside = low - SLACK <= seen[0] and seen[1] <= high + SLACK
        demand(subject, inside, f"{name} lies in [{low:g}, {high:g}]", f"{seen[0]:g} to {seen[1]:g}")


_CONTRACTS: Final = {
    "generator": _generator,
    "refiner": _refiner,
    "discriminator": _discriminator,
    "interpolator": _interpolator,
    "au-discriminator": _au_discriminator,
    "graph": _graph,
}
