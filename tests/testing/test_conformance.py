"""Every component that efgan_kit offers keeps the contract of its kind, examined as any plugin's is."""

import tempfile
from pathlib import Path

import pytest

from efgan_kit.registry import KIND_NAMES, registry
from efgan_kit.testing.conformance import CHECKS, checks_for
from efgan_kit.testing.examination import cases_of
from efgan_kit.testing.installed import plugins_named

FOLDER = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
(OWN,) = plugins_named("efgan-kit")
CASES = cases_of(OWN, Path(FOLDER.name))


@pytest.mark.parametrize("case", CASES, ids=[f"{case.component}-{case.check}" for case in CASES])
def test_a_component_keeps_its_contract(case):
    case.hold()


def test_every_component_is_examined():
    offered = {f"{offer.kind}:{offer.name}" for offer in OWN.offers}
    assert {case.component for case in CASES} == offered | {OWN.name}


def test_every_kind_has_checks():
    assert {kind: bool(checks_for(kind)) for kind in CHECKS} == dict.fromkeys(KIND_NAMES, True)
    assert {offer.kind for offer in registry().catalogue.offers} <= set(CHECKS)
