"""Imports torch for nothing."""

import torch  # noqa: F401

from efgan_kit.api import hookimpl


@hookimpl
def efgan_run_finished(run, summary): ...
