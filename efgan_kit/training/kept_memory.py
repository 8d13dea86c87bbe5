"""Memory that a step frees and the next one asks for again, kept by the process in between."""

from __future__ import annotations

import ctypes
import platform
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_TOP_PAD: Final = -2
M_MMAP_MAX: Final = -4
"""Of `mallopt`, in glibc's malloc.h."""

TOP_PAD: Final = 64 * 1024**2


def keep_freed_memory(keep: bool = True) -> bool:
    """Have this process keep what it frees, where its C library is glibc; `keep=False` is that library's own way.

    glibc gives tensors of more than 32 MB, and often of more than 128 kB, pages fresh from the system, which takes them
    back when they are freed. The system fills every such page with zeros on its first touch: on a CPU, a training can
    spend a third of its time on that. GPUs have torch's own allocator, which keeps memory as this does.

    Returns:
        Whether it could be arranged.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    arrange = ctypes.CDLL(None).mallopt
    wishes = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: -1, M_TOP_PAD: TOP_PAD}
    usual = {M_MMAP_MAX: 65536, M_TRIM_THRESHOLD: 128 * 1024, M_TOP_PAD: 0}
    arranged = [arrange(what, number) for what, number in (wishes if keep else usual).items()]
    return all(arranged)
