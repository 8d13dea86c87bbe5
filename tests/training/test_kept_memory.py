import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import torch
from efgan_kit.training.kept_memory import keep_freed_memory
torch.set_num_threads(1)
if sys.argv[1] != "untouched":
    assert keep_freed_memory(sys.argv[1] == "kept")
size = 64 * 1024**2 // 4
torch.ones(size), torch.ones(size)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def fresh_pages(how):
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arranged with glibc alone")
def test_what_is_freed_is_used_again_without_fresh_pages():
    kept, untouched, given_back = (fresh_pages(how) for how in ("kept", "untouched", "given back"))
    # Ten tensors of 64 MB are 160,000 pages of 4 kB, or 320 of 2 MB.
    assert kept < 100 < untouched
    assert given_back > 100


def test_where_the_library_is_another_nothing_is_arranged(monkeypatch):
    from efgan_kit.training.kept_memory import keep_freed_memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()
