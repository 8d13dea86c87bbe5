"""A report's page: one file, no script, no network; every text shown as it stands, every picture decoded."""

import functools
import http.server
import io
import json
import shutil
import subprocess
import tempfile
import threading
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from efgan_kit.evaluation.plots.curves import curves_plot
from efgan_kit.evaluation.plots.forest import forest_plot
from efgan_kit.pages.drawing import to_png, to_svg
from efgan_kit.pages.page import Page, Picture, Section, render_page
from efgan_kit.pages.tables import Table

VOID = {"meta", "img", "link", "br", "hr", "input"}
EVIL = "<script>alert('1')</script> \"& </td></title><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """The page's elements with their attributes and texts; refuses what is not closed as it was opened."""

    def __init__(self, html):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, texts in self._open:
            texts.append(data)

    def texts(self, tag):
        return ["".join(texts) for name, _, texts in self.elements if name == tag]

    def attributes(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


def picture(colour="red"):
    content = io.BytesIO()
    Image.new("RGB", (3, 2), colour).save(content, format="PNG")
    return content.getvalue()


def evil_page(text):
    return Page(
        text,
        text,
        [(text, text)],
        [
            Section(
                text,
                [text],
                [Table(text, [text, text], [[text, text]], [text])],
                [Picture(text, picture(), "png", text), Picture(text, picture(), "png", alt=text)],
                [(text, text)],
            )
        ],
    )


def test_every_text_is_shown_as_it_stands():
    read = Reader(render_page(evil_page(EVIL)))
    for tag, count in {"title": 1, "h1": 1, "dt": 1, "dd": 1, "a": 1, "caption": 1, "td": 1, "summary": 1}.items():
        assert read.texts(tag) == [EVIL] * count, tag
    assert read.texts("p") == [EVIL] * 3
    assert read.texts("h2") == ["Contents", EVIL]
    assert read.texts("th") == [EVIL] * 3
    assert read.texts("pre") == ["\n" + EVIL]  # a parser drops the first line's end
    assert [image["alt"] for image in read.attributes("img")] == [EVIL, EVIL]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_no_text_makes_an_element(text):
    plain, other = (Reader(render_page(evil_page(each))) for each in ("a", text))
    assert [tag for tag, _, _ in other.elements] == [tag for tag, _, _ in plain.elements]
    assert [sorted(attributes) for _, attributes, _ in other.elements] == [
        sorted(attributes) for _, attributes, _ in plain.elements
    ]


def test_the_page_asks_for_nothing_and_runs_nothing():
    html = render_page(evil_page("a"))
    read = Reader(html)
    assert not {"script", "link", "iframe", "object", "embed"} & {tag for tag, _, _ in read.elements}
    assert all(image["src"].startswith("data:image/png;base64,") for image in read.attributes("img"))
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in html


def test_contents_lead_to_every_section():
    read = Reader(render_page(Page("t", sections=[Section("one"), Section("two")])))
    targets = [link["href"].removeprefix("#") for link in read.attributes("a")]
    assert read.texts("a") == ["one", "two"]
    assert len(set(targets)) == 2
    assert set(targets) <= {heading.get("id") for heading in read.attributes("h2")}


def test_tables_keep_rows_columns_and_notes_and_break_no_interval():
    table = Table("figures", ["run", "PSNR", "L1"], [["a", "1 [0, 2]", "-"], ["b", "3", "4"]], ["read with care"])
    read = Reader(render_page(Page("t", sections=[Section("s", tables=[table])])))
    assert read.texts("th") == ["run", "PSNR", "L1", "a", "b"]
    assert read.texts("td") == ["1 [0,\N{NO-BREAK SPACE}2]", "-", "3", "4"]
    assert "read with care" in read.texts("p")


@pytest.mark.parametrize("page", [Page("t"), Page("t", sections=[Section("s", tables=[Table("none", ["a"], [])])])])
def test_a_page_may_have_nothing_to_say(page):
    assert Reader(render_page(page)).texts("h1") == ["t"]


def test_the_same_page_is_the_same_text():
    assert render_page(evil_page(EVIL)) == render_page(evil_page(EVIL))


CHECK = """<!doctype html><meta charset="utf-8"><pre id="found"></pre>
<iframe src="page.html" style="width: WIDTHpx; height: 900px; border: 0"></iframe>
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument
  document.getElementById("found").textContent = JSON.stringify({
    pictures: [...page.images].map(image => [image.alt, image.complete && image.naturalWidth]),
    asked: page.defaultView.performance.getEntriesByType("resource").map(entry => entry.name)
      .filter(name => !name.startsWith("data:")),
    width: page.documentElement.clientWidth,
    content: page.documentElement.scrollWidth,
  })
}
</script>"""
"""Looks into the page from outside of it: the page's own policy lets no script run there."""
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--dump-dom",
]  # fmt: skip


def opened(folder, width):
    """What a browser finds of `page.html` in a frame so many pixels wide."""
    (folder / "check.html").write_text(CHECK.replace("WIDTH", str(width)), encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(folder))
    profiles = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # the browser's last process may still write
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, profiles as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/check.html"
        command = ["chromium", *FLAGS, f"--user-data-dir={profile}", address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        server.shutdown()
    return json.loads(Reader(done.stdout.strip()).texts("pre")[0])


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.proof
def test_a_browser_decodes_every_picture_and_asks_for_nothing(tmp_path, rows, curves):
    """On a desktop and on a phone, where nothing but tables and pictures may be wider than the screen."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed (Debian: chromium)")
    forest = forest_plot(rows, title="PSNR", unit="dB", better=1, smallest=0.25)
    learned = curves_plot(curves, title="losses", x="step", y="loss", baseline=None)
    pictures = [
        Picture("forest", to_svg(forest), "svg", "caption"),
        Picture("forest too", to_png(forest), "png"),
        Picture("curves", to_svg(learned), "svg"),
        Picture(EVIL, picture(), "png"),
    ]
    cells = [[row.label, *["0.969 [0.927, 1.010]"] * 11] for row in rows]
    wide = Table("wide", [f"column {number}" for number in range(12)], cells)
    section = Section("s" * 99, ["a_very_long_word=" * 20], [wide], pictures, [("x" * 200, "y" * 500)])
    page = render_page(Page("t" * 99, "about", [("hash", "0" * 128)], [section]))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    for width in (1200, 390):
        found = opened(tmp_path, width)
        assert [alt for alt, _ in found["pictures"]] == ["forest", "forest too", "curves", EVIL]
        assert all(natural > 0 for _, natural in found["pictures"])
        assert found["asked"] == []
        assert found["width"] == width
        assert found["content"] <= width
    (tmp_path / "page.html").write_text(render_page(Page("t", sections=[Section("s", pictures=[broken()])])), "utf-8")
    assert opened(tmp_path, 390)["pictures"] == [["broken", 0]]


def broken():
    """That the check sees what is not decoded."""
    return Picture("broken", picture()[:20], "png")
