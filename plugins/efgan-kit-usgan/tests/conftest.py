"""The plugin as if installed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-usgan")
