"""Generators that break a contract each."""

import pickle
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from efgan_kit.api import Edit


class Plain(nn.Module):
    """A generator of two convolutions."""

    def __init__(self, region, aus):
        super().__init__()
        self.body = self.layers(aus, 4)

    @staticmethod
    def layers(aus, width):
        return nn.Sequential(nn.Conv2d(3 + aus, width, 3, padding=1), nn.SiLU(), nn.Conv2d(width, 4, 1))

    def forward(self, image, source_aus, target_aus):
        planes = target_aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
        drawn = self.body(torch.cat([image, planes], 1)).float()
        colour, attention = drawn[:, :3].tanh(), drawn[:, 3:].sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)


class Good(Plain):
    """A generator as it should be.

    Args:
        width: Channels in between.
    """

    compiles = True
    example = {"width": 4}  # noqa: RUF012

    def __init__(self, region, aus, *, width: int = 8):
        super().__init__(region, aus)
        self.body = self.layers(aus, width)


class WrongShape(Plain):
    """Leaves out the last row."""

    def forward(self, *given):
        return Edit(*(part[..., :-1, :] for part in super().forward(*given)[:3]))


class InPlace(Plain):
    """Paints on the picture it was lent."""

    def forward(self, image, source_aus, target_aus):
        with torch.no_grad():
            image.clamp_(-0.5, 0.5)
        return super().forward(image, source_aus, target_aus)


class Detached(Plain):
    """Its second layer's gradient ends before the first."""

    def forward(self, image, source_aus, target_aus):
        planes = target_aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
        drawn = self.body[2](self.body[:2](torch.cat([image, planes], 1)).detach())
        colour, attention = drawn[:, :3].tanh(), drawn[:, 3:].sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)


class Seeding(Plain):
    """Seeds torch when it is made."""

    def __init__(self, region, aus):
        torch.manual_seed(0)
        super().__init__(region, aus)


class SeedingNumPy(Plain):
    """Seeds NumPy when it is made."""

    def __init__(self, region, aus):
        np.random.seed(4)
        super().__init__(region, aus)


class Unrepeatable(Plain):
    """Draws from a generator that nobody has seeded."""

    def forward(self, image, source_aus, target_aus):
        noise = torch.rand(1, generator=self.drawn()).to(image.device)
        return super().forward(image, source_aus, target_aus * noise)

    def drawn(self):
        own = torch.Generator()
        own.seed()
        return own


class CudaOnly(Plain):
    """Has never seen another device."""

    def forward(self, image, source_aus, target_aus):
        return super().forward(image.cuda(), source_aus.cuda(), target_aus.cuda())


class LeftBehind(Plain):
    """Keeps a constant in a plain attribute."""

    def __init__(self, region, aus):
        super().__init__(region, aus)
        self.ramp = torch.linspace(0, 1, aus)

    def forward(self, image, source_aus, target_aus):
        return super().forward(image, source_aus, target_aus * self.ramp)


class Pickled(Plain):
    """Keeps an object in its state."""

    def get_extra_state(self):
        return {"born": "yesterday"}

    def set_extra_state(self, state):
        self.state = state


class SecretlyPickled(Plain):
    """Keeps a pickle in a tensor."""

    def get_extra_state(self):
        return torch.frombuffer(bytearray(pickle.dumps({"born": "yesterday"})), dtype=torch.uint8)

    def set_extra_state(self, state):
        self.state = pickle.loads(bytes(state.tolist()))


class Forgetful(Plain):
    """Counts its calls in a plain attribute."""

    calls = 0

    def forward(self, image, source_aus, target_aus):
        self.calls = min(self.calls + 1, 2)
        return super().forward(image, source_aus, target_aus / self.calls if not self.training else target_aus)


class Undocumented(Plain):
    """Says nothing of its key."""

    def __init__(self, region, aus, *, depth: int = 1):
        super().__init__(region, aus)


class Untyped(Plain):
    """Says nothing of a key's type.

    Args:
        depth: Layers.
    """

    def __init__(self, region, aus, *, depth=1):
        super().__init__(region, aus)


class WrongDefault(Plain):
    """Its default is not of its type.

    Args:
        slope: Of its rectifiers.
    """

    def __init__(self, region, aus, *, slope: int = 0.2):
        super().__init__(region, aus)


class CallableKey(Plain):
    """Its key is a function.

    Args:
        activation: What is put between its layers.
    """

    def __init__(self, region, aus, *, activation: Callable = nn.SiLU):
        super().__init__(region, aus)


class MutableDefault(Plain):
    """Edits its default.

    Args:
        widths: More channels.
    """

    def __init__(self, region, aus, *, widths: list[int] = [8]):  # noqa: B006
        widths.append(4)
        super().__init__(region, aus)


class Talkative(Plain):
    """Prints what it does."""

    def forward(self, *given):
        print("editing", len(given[0]), "faces")
        return super().forward(*given)


class Meddling(Plain):
    """Sets torch's precision for everybody."""

    def __init__(self, region, aus):
        torch.set_float32_matmul_precision("medium")
        super().__init__(region, aus)


class BatchMixing(Plain):
    """Compares every face with the others of its batch."""

    def forward(self, image, source_aus, target_aus):
        return super().forward(image, source_aus, target_aus - target_aus.mean(dim=0))


class Uncompilable(Plain):
    """Says that it compiles, and sleeps on its way."""

    compiles = True

    def forward(self, *given):
        time.sleep(0)
        return super().forward(*given)


class Exiting(Plain):
    """Ends the process where it can't go on."""

    def forward(self, *given):
        raise SystemExit("no licence")


class Misguided(Good):
    """Its example is of other keys.

    Args:
        width: Channels.
    """

    example = {"widht": 4}  # noqa: RUF012
