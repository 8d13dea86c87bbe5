"""How long the fuzzers try: shortly in the suite, `EFGAN_FUZZ=5000 pytest tests/fuzzing` for as many inputs each."""

import os

import pytest
from hypothesis import HealthCheck, settings

TRIES = int(os.environ.get("EFGAN_FUZZ", "15"))


@pytest.fixture(scope="session")
def fuzzed():
    """Decorates a test that takes a mutation: the number of inputs that the environment asks for, no deadline."""
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(max_examples=TRIES, deadline=None, suppress_health_check=checks)
