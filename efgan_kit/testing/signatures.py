"""What a constructor must say: it is the schema of the component's recipe entry."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from efgan_kit.api import KINDS
from efgan_kit.registry.signature import signature_of
from efgan_kit.testing.contract import demand
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject


def signature_is_a_schema(subject: Subject) -> None:
    """Every recipe key is typed and documented in `Args:`, and the framework can supply all the rest."""
    signature = signature_of(subject.target, subject.kind)
    demand(subject, bool(signature.summary), "the docstring's first line says what it is", "no docstring")
    contract = f"the framework supplies positional parameters: {', '.join(KINDS[subject.kind].context)}"
    demand(subject, not signature.unsupplied, contract, ", ".join(signature.unsupplied))
    contract = "the keys of a recipe are keyword-only: `*` stands before them"
    demand(subject, not signature.misplaced, contract, f"taken by place: {', '.join(signature.misplaced)}")
    bare = [key.name for key in signature.parameters.values() if not key.doc]
    demand(subject, not bare, "every keyword-only parameter is explained under Args:", f"nothing on {bare}")
    untyped = [key.name for key in signature.parameters.values() if key.annotation is Any]
    demand(subject, not untyped, "every keyword-only parameter has a type to check recipes by", untyped)
    unknown = sorted(set(subject.params) - set(signature.parameters))
    demand(subject, not unknown, "the parameters to examine it with are its own", unknown)


def builds_on_the_meta_device(subject: Subject) -> None:
    """Recipes are checked on the meta device, where nothing is allocated."""
    made_on_the_meta_device(subject)


def made_on_the_meta_device(subject: Subject) -> nn.Module:
    """The component with its constructor's defaults, all of it on the meta device."""
    with torch.device("meta"):
        module: nn.Module = subject.make_with_defaults()
    state = [*module.named_parameters(), *module.named_buffers()]
    elsewhere = [name for name, tensor in state if tensor.device.type != "meta"]
    contract = "a constructor makes its tensors on torch's default device"
    demand(subject, not elsewhere, contract, f"not on the meta device: {elsewhere}")
    return module


def random_state_is_not_seeded(subject: Subject) -> None:
    """A constructor may draw from the global generator, which the trainer has seeded; it may not seed it."""
    ends = []
    for seed in (1, 2):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            subject.make_here(subject.params, SQUARE)
            ends.append(torch.get_rng_state())
    contract = "a constructor must not seed torch: the recipe's seed decides"
    demand(subject, not torch.equal(*ends), contract, "two seeds before it leave one random state after it")
