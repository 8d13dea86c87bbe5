"""Commands: verbs that plugins add to the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Command(Protocol):
    """A verb of the command line: a `click.Command` or `click.Group`, as click's decorators make them. No context.

    It is offered under the word that is typed, `efgan WORD`, and imported when that is called; its summary is the line
    in `efgan --help`. `EfganError` (`efgan_kit.api.fail`) is for what the user can mend: it is shown as a message, with
    exit code 2.
    """

    help: str | None

    def main(self, args: Sequence[str] | None = None, **options: Any) -> Any:
        """Run it, as click does."""
        ...
