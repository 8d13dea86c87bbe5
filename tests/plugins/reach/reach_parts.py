"""The reach plugin's values, and the terms that ask for them."""

from torch import nn

from efgan_kit.api import value

CALLS = []


@value("generator")
def change(edited, source):
    """`(B, 3, H, W)` in [-2, 2]: what was edited."""
    CALLS.append(edited.requires_grad)
    return edited - source


@value("generator")
def change_size(change):
    """`(B,)` in [0, 2]: how much was edited."""
    return change.abs().flatten(1).mean(dim=1)


@value("generator")
def bent_flow(flwo):
    """`(B,)`."""
    return flwo


def bare(edited):
    """`(B,)`."""
    return edited


class LittleChange(nn.Module):
    """Edits little."""

    def generator(self, change_size):
        return change_size.mean()

    def discriminator(self, change, critic_real):
        return 0 * sum(score.mean() for score in critic_real.values()) + change.abs().mean()


class LittleBending(nn.Module):
    """Bends little."""

    def generator(self, bent_flow):
        return bent_flow.mean()


class LittleBare(nn.Module):
    """Asks for what is no value."""

    def generator(self, bare):
        return bare.mean()
