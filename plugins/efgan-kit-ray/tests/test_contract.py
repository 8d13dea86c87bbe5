"""The launcher keeps the contract of its kind, on a cluster of this machine."""

import pytest

pytest.importorskip("ray")

from efgan_kit.testing.conformance import Subject, checks_for


@pytest.mark.proof
@pytest.mark.parametrize("check", checks_for("launcher"), ids=lambda check: check.__name__)
def test_the_launcher_keeps_the_contract(check, install, cluster):
    install("efgan-kit-ray")
    from efgan_kit_ray.launcher import Ray

    check(Subject("launcher", Ray, {"address": cluster}))
