"""The multilayer perceptron that interpolator and AU discriminator are made of."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from efgan_kit.components.bounds import at_least


def perceptron(
    inputs: int, outputs: int, *, width: int, depth: int, activation: Callable[[], nn.Module], last_bias: bool = True
) -> nn.Sequential:
    """`depth` hidden layers of `width` units, each followed by `activation`, and a linear output layer."""
    at_least(1, width=width)
    at_least(0, depth=depth)
    layers: list[nn.Module] = []
    units = inputs
    for _ in range(depth):
        layers += [nn.Linear(units, width), activation()]
        units = width
    return nn.Sequential(*layers, nn.Linear(units, outputs, bias=last_bias))
