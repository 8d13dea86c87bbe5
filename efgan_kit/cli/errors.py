"""What a command comes to: its messages on stderr and the exit code that scripts rely on."""

from __future__ import annotations

import errno
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

TO_MEND: Final = {
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EACCES: "mend the permissions, or choose another place",
    errno.EROFS: "choose another place",
}
"""What the machine refuses, wherever that happens, and the way out: no fault of the program."""


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
        _drop_output()
        return DONE
    except OSError as error:
        if error.errno not in TO_MEND:
            return _our_fault()
        _drop_output()
        where = error.filename or "the output"
        click.echo(f"error: {where}: {error.strerror}; {TO_MEND[error.errno]}", err=True)
        return YOUR_FAULT
    except Exception:
        return _our_fault()
    return result if isinstance(result, int) else DONE


def _our_fault() -> int:
    """To be called where the exception is handled."""
    traceback.print_exc()
    click.echo("error: that is a fault of efgan: please report it with the lines above", err=True)
    return OUR_FAULT


def _drop_output() -> None:
    """What could not be printed is not tried again as the process ends."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - it stands in until the process ends
