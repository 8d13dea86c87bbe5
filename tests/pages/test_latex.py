"""LaTeX: text is set as it stands, by every engine; what a document needs for it is said."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.pages.latex import escape_latex, latex_needs
from efgan_kit.pages.tables import Table, to_latex

ENGINES = {"pdflatex": "booktabs.sty", "xelatex": "fontspec-xetex.sty", "lualatex": "luaotfload-main.lua"}
"""By engine, a file of the Debian package that makes it whole."""
PACKAGES = "Debian: texlive-latex-recommended, for xelatex texlive-xetex, for lualatex texlive-luatex"
OWN = "\\&%$#_{}~^`"
"""What LaTeX takes for its own."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & 50 % of $5 #1 {x} ~ ^", r"a\_b \& 50 \% of \$5 \#1 \{x\} \textasciitilde{} \textasciicircum{}"),
        ("C:\\runs", r"C:\textbackslash{}runs"),
        ("-0.5 [-1, +2]", "$-$0.5 [$-$1, +2]"),
        ("−0.5", "$-$0.5"),
        ("seed-1 2024-01", "seed-1 2024-01"),
        ("--run", "-{}-run"),
        ("---", "-{}-{}-"),
        ("1 ± 2 × 3", r"1 $\pm$ 2 $\times$ 3"),
        ("λ < 1", r"$\lambda$ \textless{} 1"),
        ("[1, 2]", "{}[1, 2]"),
        ("* baseline", "{}* baseline"),
        ('the "best" one', "the ``best'' one"),
        ("a\r\n\x0bb\x00\x1b\u200bc", "a   bc"),
        ("e\u0301", "é"),
    ],
)
def test_latex_sets_text_as_it_stands(text, expected):
    assert escape_latex(text) == expected


@given(st.text(alphabet="\\&%$#_{}~^<>|\"'`*ab-1 ±λ×−\n\r[", max_size=30))
def test_nothing_that_latex_would_take_for_its_own_is_left(text):
    """After the commands that escaping makes are taken out, no special character is left."""
    commands = r"\\text\w+\{\}|\\[&%$#_{}]|\$-\$|\$\\[A-Za-z]+\$|-\{\}(?=-)|^\{\}|(?<![^\s(\[])``"
    left = re.sub(commands, "", escape_latex(text))
    assert not set(left) & set(OWN + "\n\r")
    assert "--" not in escape_latex(text)


@given(st.text())
def test_any_text_stays_on_one_line(text):
    assert len(escape_latex(text).splitlines()) <= 1


def test_what_a_text_needs_is_said():
    assert latex_needs("Müller, Čapek, λ × 1 – “x” €") == []
    assert latex_needs("Wałęsa") == [r"under pdfLaTeX needs \usepackage[T1]{fontenc}"]
    (line,) = latex_needs("名前 e\u0301")
    assert line.startswith("pdfLaTeX by itself has no 前 名: ")
    comments = [line for line in to_latex([Table("t", ["«a»"], [])], "s").splitlines() if line.startswith("%")]
    assert comments == ["% s", r"% needs \usepackage{booktabs}", r"% under pdfLaTeX needs \usepackage[T1]{fontenc}"]


NASTY = (
    "50 % of a_b & $5 #1 {x} ~ ^ \\ | ` \" ' <tag> --run=1 -- --- 100%",
    "±0.5 × 2 ÷ 3 · −0.25 [−0.50, -0.10] ≤ ≥ ≠ ≈ ∞ → ← ↑ ↓ ∈ √ ∆ µ",
    "αβγδεζηθικλμνξπρςστυφχψω ΓΔΘΛΞΠΣΥΦΨΩ",
    "Müller Čapek Wałęsa Ağaç Őry Ñandú Þór Đorđe œuvre Škoda șț e\u0301 – — ‘a’ “b” „c‚ «d» ‹e› … • † ‡ € ‰ ™ № ‑ ‐",
    "a\nb\r\nc\td\x0be\x00f\x1bg\u200bh\u2028i\u00a0j\u202fk",
    "[0.1, 0.2]",
    "* a star",
    "[h]",
    "",
    "can't tell",
)  # fmt: skip


def must_be_installed(engine):
    found = shutil.which(engine) and subprocess.run(["kpsewhich", ENGINES[engine]], capture_output=True, check=False)
    if not found or found.returncode:
        pytest.skip(f"{engine} is not installed ({PACKAGES})")


def set_by(engine, folder, preamble, body):
    """Set a document twice, so that captions come back in the list of tables; returns the log."""
    head = rf"\documentclass{{article}}{preamble}\usepackage{{booktabs}}"
    document = f"{head}\n\\begin{{document}}\n{body}\\end{{document}}\n"
    (folder / "nasty.tex").write_text(document, encoding="utf-8")
    for _ in range(2):
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "nasty.tex"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-3000:]
    return (folder / "nasty.log").read_text(encoding="utf-8", errors="replace")


@pytest.mark.proof
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_sets_tables_of_nasty_text(engine, tmp_path):
    """Every text in every place: caption, list of tables, head, cell, note; no letter is lost."""
    must_be_installed(engine)
    letters = "".join(map(chr, range(0xA1, 0x180)))
    known = "".join(letter for letter in letters if not any("has no" in line for line in latex_needs(letter)))
    texts = [*NASTY, known]
    assert not any("has no" in line for line in latex_needs(" ".join(texts)))
    table = Table(" ".join(texts), ["nasty", "text"], [[a, b] for a in texts for b in texts], texts)
    needs = to_latex([table, Table("one column", ["x"], []), table], "nasty % \n text")
    encoding = r"\usepackage[T1]{fontenc}" if engine == "pdflatex" else r"\usepackage{fontspec}"
    log = set_by(engine, tmp_path, encoding + r"\tracinglostchars=3", "\\listoftables\n" + needs)
    assert "Missing character" not in log


@pytest.mark.proof
def test_latin_1_needs_no_package_but_booktabs(tmp_path):
    must_be_installed("pdflatex")
    texts = [text for text in NASTY if not latex_needs(text)]
    assert len(texts) == len(NASTY) - 1
    body = to_latex([Table("t", ["nasty", "text"], [[text, text] for text in texts], texts)], "s")
    set_by("pdflatex", tmp_path, "", body)
