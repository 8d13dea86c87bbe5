"""Plots that look alike, and that are saved as the same bytes wherever they are drawn.

Matplotlib takes half a second to import, so that it is imported where something is drawn and nowhere else. pyplot is
never used: it keeps every figure of the process, and chooses a backend by the machine's screen.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from efgan_kit.files import write_atomically, writing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#1a1a1a"
QUIET: Final = "#5a5a5a"
"""Of what explains: dark enough to be read at the size of a note."""
HAIR: Final = "#dcdcdc"
LABEL, NOTE, TITLE = 9.0, 7.5, 10.5
"""Sizes in points: of labels, of notes, of a plot's title."""
DPI: Final = 200
UNKNOWN: Final = "nothing known"

_STYLE: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: other fonts differ from machine to machine
    "font.size": LABEL,
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a label is a dollar
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": NOTE + 0.5,
    "ytick.labelsize": NOTE + 0.5,
    "svg.fonttype": "path",  # letters as outlines: an SVG that needs no font
    "svg.hashsalt": "efgan",
    "path.simplify": True,
}
_UNDRAWABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Within, figures are made and drawn in this house's style, whatever a matplotlibrc says."""
    import matplotlib.style

    with matplotlib.style.context(["default", _STYLE]):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of a size in inches, for the Agg backend."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place in inches, counted from the figure's upper left corner."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def put(figure: Figure, x: float, y: float, lines: Sequence[str], **options: Any) -> None:
    """Lines of text at a place in inches, counted from the figure's upper left corner; their top is there."""
    across, down = figure.get_size_inches()
    look: dict[str, Any] = {"va": "top", "size": LABEL, "linespacing": 1.2} | options
    figure.text(x / across, 1 - y / down, "\n".join(lines), **look)


def entitle(axes: Axes, text: str, width: float) -> None:
    """Write a title of one line above axes so many inches wide, smaller if it is long."""
    text = " ".join(drawable(text).split())
    size = max(6.0, TITLE * min(1.0, width / (width_of(text, TITLE, bold=True) or 1.0)))
    axes.set_title(text, loc="left", size=size, weight="bold", pad=7)


def width_of(text: str, size: float = LABEL, *, bold: bool = False) -> float:
    """How many inches wide a line of text is drawn."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=["DejaVu Sans"], size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def folded(text: str, width: float, size: float = LABEL) -> list[str]:
    """The text as lines of at most so many inches, broken between words where they allow it."""
    lines = [""]
    for word in re.findall(r"\S+", drawable(text)):
        longer = f"{lines[-1]} {word}".lstrip()
        if not lines[-1] or width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [piece for line in lines for piece in _cut(line, width, size)]


def _cut(line: str, width: float, size: float) -> list[str]:
    """A line that is one long word, cut after a mark if there is one, anywhere else."""
    pieces = []
    while line and width_of(line, size) > width:
        most = next(n for n in range(len(line), 0, -1) if n == 1 or width_of(line[:n], size) <= width)
        marks = [m.end() for m in re.finditer(r"[-_./=,:]", line[:most])]
        at = marks[-1] if marks and marks[-1] > most // 3 else most
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line] if line or not pieces else pieces


def drawable(text: str) -> str:
    """The text without what no font can draw and no XML can hold."""
    return _UNDRAWABLE.sub("�", text)


def to_png(figure: Figure) -> bytes:
    """The figure as a PNG of 200 dots an inch; the same figure is always the same bytes."""
    return _saved(figure, "png", dpi=DPI, metadata={"Software": None})


def to_svg(figure: Figure) -> bytes:
    """The figure as an SVG that needs no font; the same figure is always the same bytes."""
    return _saved(figure, "svg", metadata={"Date": None, "Creator": None})


def _saved(figure: Figure, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    with styled():
        figure.savefig(written, format=form, facecolor="white", **options)
    return written.getvalue()


def write_figure(figure: Figure, folder: Path, name: str) -> Sequence[Path]:
    """Write `NAME.png` and `NAME.svg`, each complete or not at all; returns where they are.

    Raises:
        EfganError: They can't be written.
    """
    files = []
    for form, content in (("png", to_png(figure)), ("svg", to_svg(figure))):
        file = folder / f"{name}.{form}"
        with writing(file):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, content)
        files.append(file)
    return files
