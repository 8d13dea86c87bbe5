"""How a component stands in listings: its name and summary."""

from __future__ import annotations

import re
from typing import Final

from efgan_kit.registry import Offer
from efgan_kit.testing.contract import ContractError

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST: Final = 100
"""Characters of a summary."""


def is_listed_in_form(offer: Offer) -> None:
    """Its name is lower case with hyphens, its summary one short line without a full stop."""
    whose = f"{offer.kind} {offer.name} of {offer.origin}"
    if not NAME.fullmatch(offer.name):
        contract = "a name is lower case, of letters, digits and hyphens, and begins with a letter"
        raise ContractError(whose, contract, repr(offer.name))
    lines = offer.summary.splitlines()
    if len(lines) != 1 or not offer.summary.strip() or len(offer.summary) > LONGEST or offer.summary.endswith("."):
        contract = f"a summary is one line of up to {LONGEST} characters, without a full stop"
        raise ContractError(whose, contract, repr(offer.summary))


CHECKS: Final = (is_listed_in_form,)
