"""The plugin as if installed."""

import pytest


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-usgan")
