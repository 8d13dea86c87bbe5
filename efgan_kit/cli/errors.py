"""What a command comes to: its messages on stderr and the exit code that scripts rely on."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import click

from efgan_kit.errors import EfganError

DONE: Final = 0
OUR_FAULT: Final = 1
YOUR_FAULT: Final = 2
INTERRUPTED: Final = 130


def guarded(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    An `EfganError` is the user's to mend: its messages and 2, with a traceback only under `EFGAN_DEBUG=1`. An
    exception nobody foresaw is ours: the traceback and 1.
    """
    try:
        result = command.main(arguments, prog_name="efgan", standalone_mode=False)
    except EfganError as error:
        if os.environ.get("EFGAN_DEBUG") == "1":
            traceback.print_exc()
        for fault in error.faults:
            click.echo(f"error: {fault}", err=True)
        return YOUR_FAULT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`efgan ... | head`): nothing is wrong, nothing more can be said.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - it stands in until the process ends
        return DONE
    except Exception:
        traceback.print_exc()
        click.echo("error: that is a fault of efgan: please report it with the lines above", err=True)
        return OUR_FAULT
    return result if isinstance(result, int) else DONE
