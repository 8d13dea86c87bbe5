"""A plugin whose hooks bring torch into every command."""

import torch  # noqa: F401

from efgan_kit.api import hookimpl


@hookimpl
def efgan_components(register):
    """Nothing."""
