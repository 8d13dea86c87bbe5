"""What a check says: that a contract is broken, or that it could not be examined here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

PAGE: Final = "docs/conformance.md"
"""The page with an entry for every check, headed by its name."""


class ContractError(AssertionError):
    """A component does not keep its kind's contract.

    Attributes:
        whose: The component, and the plugin that offers it.
        contract: What should be.
        seen: What is.
    """

    def __init__(self, whose: str, contract: str, seen: str) -> None:
        super().__init__(f"{whose}: {contract}; seen: {seen}")
        self.whose, self.contract, self.seen = whose, contract, seen

    def told(self, read: str) -> str:
        """The contract, what was seen and where to read more, a line each."""
        return f"  contract: {self.contract}\n  seen: {self.seen}\n  read: {read}"


class NotExaminedError(Exception):
    """A check needs what is not here, and so says nothing of the component; the text says what is missing."""


def demand(subject: object, kept: bool, contract: str, seen: object) -> None:
    """Raise a `ContractError` that states the contract and what was seen, unless it is kept."""
    if not kept:
        raise ContractError(str(subject), contract, str(seen))


def contract_of(check: Callable[..., Any]) -> str:
    """The first line of a check's docstring."""
    return (check.__doc__ or check.__name__).strip().partition("\n")[0].rstrip(".")


def where_to_read(check: str) -> str:
    """The place that says more of a check."""
    return f"{PAGE}#{check}"
