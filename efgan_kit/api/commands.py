"""Commands: verbs that plugins add to the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from efgan_kit.api.faces import FaceDataset
    from efgan_kit.faces.regions import FaceSpec


class CommandSupplies(Protocol):
    """What a command gets by `@click.pass_obj`: components of other packages, by their names."""

    def dataset(self, name: str, faces: FaceSpec, **params: Any) -> FaceDataset:
        """The data set `name`, made for `faces`; its parameters are checked as a recipe's are.

        Raises:
            EfganError: There is no such data set, a parameter is at fault, or what it reads is.
        """
        ...


class Command(Protocol):
    """A verb of the command line: a `click.Command` or `click.Group`, as click's decorators make them. No context.

    It is offered under the word that is typed, `efgan WORD`, and imported when that is called; its summary is the line
    in `efgan --help`. `EfganError` (`efgan_kit.api.fail`) is for what the user can mend: it is shown as a message, with
    exit code 2. `@click.pass_obj` hands it `CommandSupplies`.
    """

    help: str | None

    def main(self, args: Sequence[str] | None = None, **options: Any) -> Any:
        """Run it, as click does."""
        ...
