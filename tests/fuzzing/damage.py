"""Damage to files, by a disk, a download, an editor or an attacker; and what a program may make of it."""

from hypothesis import strategies as st

from efgan_kit.errors import EfganError

NASTY = (
    b"\0",
    b"\xff\xfe",
    b"\x1b[2J",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n",
    b'"',
    b",",
    b"../../",
    b"/etc/passwd",
    b"!!python/name:os.system ",
    b"&a [*a]",
    b"{",
    b"]",
    b"nan",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"%s%n",
    b"<script>",
    "𝒜́\u202e".encode(),
    b"\xff" * 8,
)
"""Words that parsers have stumbled over."""


@st.composite
def damaged(draw, whole: bytes) -> bytes:
    """`whole` after one to four strokes: bits flipped, pieces cut out or doubled, nasty words put in, the end torn."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.sampled_from([1, 2, 4, 16, 256]))
        stroke = draw(st.sampled_from(["flip", "set", "cut", "double", "word", "tear"]))
        if stroke == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif stroke == "set" and data:
            data[at] = draw(st.sampled_from([0, 0x7F, 0x80, 0xFF]))
        elif stroke == "cut":
            del data[at : at + length]
        elif stroke == "double":
            data[at:at] = data[at : at + length]
        elif stroke == "word":
            data[at:at] = draw(st.sampled_from(NASTY))
        elif stroke == "tear":
            del data[at:]
    return bytes(data)


def refused_or_right(load, within=""):
    """The answer, or None after a refusal in words; `within` is where each of its faults must begin."""
    try:
        return load()
    except EfganError as error:
        faults = error.faults
    assert faults
    assert all(fault.what.strip() and str(fault).startswith(within) for fault in faults)
    return None
