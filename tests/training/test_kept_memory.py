import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import torch
from efgan_kit.bench.optimisations import undo
from efgan_kit.training import kept_memory
torch.set_num_threads(1)
how, megabytes = sys.argv[1:]
if how == "without":
    undo(["freed memory is kept"])
if how != "untouched":
    assert kept_memory.keep_freed_memory() == (how == "kept")
size = int(megabytes) * 1024**2 // 4
torch.ones(size), torch.ones(size)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def fresh_pages(how, megabytes):
    command = [sys.executable, "-c", PROGRAM, how, str(megabytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arranged with glibc alone")
def test_what_is_freed_is_used_again_without_fresh_pages():
    kept, untouched, without = (fresh_pages(how, 64) for how in ("kept", "untouched", "without"))
    # Ten tensors of 64 MB are 160,000 pages of 4 kB, or 320 of 2 MB.
    assert kept < 100 < untouched
    assert without > 100


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arranged with glibc alone")
def test_a_benchmark_without_it_keeps_as_much_as_the_library_does_by_itself():
    # Ten tensors of 2 MB are 5,120 pages of 4 kB. Untouched, glibc keeps them.
    # Fresh each time, ten of them would be 5,120 pages.
    assert fresh_pages("untouched", 2) < 2500
    assert fresh_pages("without", 2) < 2500


def test_where_the_library_is_another_nothing_is_arranged(monkeypatch):
    from efgan_kit.training.kept_memory import keep_freed_memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()
