"""The port that a server of ours listens on, found before anything heavy is loaded."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
from typing import Final

from efgan_kit.errors import fail

PORT: Final = 7860
"""The first that is tried; gradio's own."""
TRIED: Final = 20
TAKEN: Final = (errno.EADDRINUSE, errno.EACCES)


def is_loopback(host: str) -> bool:
    """Whether a host can be reached from this machine alone."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens on a port; without one, on `PORT` or the next free one.

    Raises:
        EfganError: The port is taken or may not be used, all `TRIED` are, or this machine does not have the host.
    """
    for number in [port] if port is not None else range(PORT, PORT + TRIED):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host.strip("[]"), number))
            listening.listen(128)
        except socket.gaierror:
            listening.close()
            raise fail(f"--host {host}", "is not a host of this machine", "127.0.0.1 is this machine alone") from None
        except OverflowError:
            listening.close()
            raise fail(f"--port {number}", "is not a port", "from 1024 to 65535") from None
        except OSError as error:
            listening.close()
            if error.errno in TAKEN:
                continue
            raise fail(f"--host {host} --port {number}", f"cannot be used: {error.strerror}") from None
        return listening
    if port is not None:
        raise fail(f"--port {port}", "is in use by another program", "leave it out, and a free one is taken")
    raise fail("--port", f"{PORT} to {PORT + TRIED - 1} are all in use", "name a free one")
