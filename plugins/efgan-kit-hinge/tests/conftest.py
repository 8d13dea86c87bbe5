"""The plugin as if installed, so that it can be tested from efgan-kit's own tree as well."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-hinge")
