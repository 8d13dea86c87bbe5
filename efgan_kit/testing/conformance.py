"""The conformance suite: what each kind of component must hold, as checks that raise AssertionError.

In a plugin's tests:

    import pytest
    from efgan_kit.testing.conformance import Subject, checks_for

    @pytest.mark.parametrize("check", checks_for("generator"), ids=lambda check: check.__name__)
    def test_my_generator_conforms(check):
        check(Subject("generator", MyGenerator, {"width": 4}))

or all at once, by `examine(Subject(...))`, with every broken contract in one message. Everything runs on the
CPU, on faces of 64 and 96 pixels; choose small parameters and it takes about a second.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Final

from efgan_kit.testing import (
    commands,
    compiling,
    datasets,
    devices,
    extractors,
    graphs,
    labellers,
    landmarkers,
    launchers,
    losses,
    makers,
    manners,
    metrics,
    modules,
    parameters,
    shapes,
    signatures,
    values,
)
from efgan_kit.testing.contract import ContractError, NotExaminedError
from efgan_kit.testing.running import hold
from efgan_kit.testing.subject import Check, Subject

__all__ = ["CHECKS", "Check", "Subject", "checks_for", "examine"]

_EVERY: Final = (signatures.signature_is_a_schema, *parameters.CHECKS, *manners.CHECKS)
_TERM: Final = (
    signatures.builds_on_the_meta_device,
    signatures.random_state_is_not_seeded,
    *devices.CHECKS,
    *compiling.CHECKS,
)
_NETWORK: Final = (
    signatures.random_state_is_not_seeded,
    shapes.returns_its_shapes_on_the_meta_device,
    shapes.returns_what_its_kind_promises,
    modules.leaves_its_inputs_alone,
    modules.gradients_reach_every_parameter,
    modules.gradients_reach_its_pictures,
    modules.is_repeatable,
    modules.leaves_global_randomness_alone,
    modules.is_finite_in_bfloat16,
    modules.survives_a_checkpoint,
    *devices.CHECKS,
    *compiling.CHECKS,
)
_EDITOR: Final = (*_NETWORK, modules.answers_each_face_by_itself)

CHECKS: Final[dict[str, tuple[Check, ...]]] = {
    "generator": (*_EVERY, *_EDITOR),
    "refiner": (*_EVERY, *_EDITOR),
    "discriminator": (*_EVERY, *_NETWORK, modules.bears_a_gradient_penalty),
    "interpolator": (*_EVERY, *_EDITOR),
    "au-discriminator": (*_EVERY, *_NETWORK, modules.bears_a_gradient_penalty),
    "graph": (*_EVERY, *_EDITOR, *graphs.CHECKS),
    "loss": (losses.teaches_a_player, *_EVERY, *_TERM, *losses.CHECKS),
    "optimizer": (*_EVERY, *makers.OPTIMIZER),
    "schedule": (*_EVERY, *makers.SCHEDULE),
    "dataset": (*_EVERY, *datasets.CHECKS),
    "extractor": (
        *_EVERY,
        signatures.random_state_is_not_seeded,
        modules.leaves_its_inputs_alone,
        modules.is_repeatable,
        modules.leaves_global_randomness_alone,
        *devices.CHECKS,
        *extractors.CHECKS,
    ),
    "metric": (*_EVERY, *metrics.CHECKS),
    "launcher": (*_EVERY, *launchers.CHECKS),
    "landmarker": (*_EVERY, signatures.random_state_is_not_seeded, *landmarkers.CHECKS),
    "au-labeller": (*_EVERY, signatures.random_state_is_not_seeded, *labellers.CHECKS),
    "value": (*values.CHECKS, *manners.CHECKS),
    "command": commands.CHECKS,
}
"""By kind, every check that its components must pass."""


def checks_for(kind: str) -> tuple[Check, ...]:
    """The checks of a kind of component, to parametrise a test with."""
    return CHECKS[kind]


def examine(subject: Subject, *, without: Collection[str] = ()) -> None:
    """Run every check of the subject's kind.

    Args:
        without: Names of checks to leave out, where a component departs from a contract on purpose.

    Raises:
        AssertionError: Some contract is broken; the message has a line for each.
    """
    broken = []
    for check in CHECKS[subject.kind]:
        if check.__name__ in without:
            continue
        try:
            hold(check, subject)
        except NotExaminedError as missing:
            warnings.warn(f"{check.__name__}: {subject} is not examined: {missing}", stacklevel=2)
        except ContractError as failure:
            broken.append(f"{check.__name__}: {failure}")
    if broken:
        raise AssertionError("\n".join(broken))
