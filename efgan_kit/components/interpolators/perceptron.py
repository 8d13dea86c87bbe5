"""The multilayer perceptron that interpolator and AU discriminator are made of."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from efgan_kit.components.autocasting import own_format
from efgan_kit.components.bounds import at_least


class Perceptron(nn.Sequential):
    """Layers that compute in their own format whatever autocast has others do.

    A face's AUs are so few numbers that nothing is saved on them, and in bf16 the norm of a critic's gradient, which
    a penalty squares, was off by a hundredth.
    """

    def forward(self, numbers: Tensor) -> Tensor:
        """`(B, inputs)` -> `(B, outputs)`."""
        with own_format(numbers):
            made: Tensor = super().forward(numbers.to(next(self.parameters(), numbers).dtype))
        return made


def perceptron(
    inputs: int, outputs: int, *, width: int, depth: int, activation: Callable[[], nn.Module], last_bias: bool = True
) -> Perceptron:
    """`depth` hidden layers of `width` units, each followed by `activation`, and a linear output layer."""
    at_least(1, width=width)
    at_least(0, depth=depth)
    layers: list[nn.Module] = []
    units = inputs
    for _ in range(depth):
        layers += [nn.Linear(units, width), activation()]
        units = width
    return Perceptron(*layers, nn.Linear(units, outputs, bias=last_bias))
