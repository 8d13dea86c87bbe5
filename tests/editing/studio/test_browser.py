"""The studio in a real browser, clicked: `pip install playwright`, and Debian's chromium."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio")
playwright = pytest.importorskip("playwright.sync_api")

FINDER = Path(__file__).parents[2] / "plugins" / "drawn_finder"
PATIENCE = 180_000
"""Milliseconds: the machine may be busy."""


@pytest.fixture(scope="module")
def studio(finding_run):
    """`efgan studio` on that run, as a process of its own: its address, and the process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(FINDER), *filter(None, [os.getenv("PYTHONPATH")])])}
    command = [sys.executable, "-m", "efgan_kit", "studio", str(finding_run), "--no-open", "--device", "cpu"]
    process = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=finding_run
    )
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line + process.stderr.read()
    yield found[0], process
    process.kill()


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (Debian: chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


class Visit:
    """A page that is open, and what it has asked for."""

    def __init__(self, browser, address, width):
        context = browser.new_context(viewport={"width": width, "height": 844}, has_touch=width < 500)
        context.set_default_timeout(PATIENCE)
        self.page, self.asked, self.wrong = context.new_page(), [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector(".compare")
        self.address = address

    def elsewhere(self):
        return [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))]

    def after(self):
        """The edited picture as the page shows it."""
        self.page.wait_for_function("document.querySelector('.compare .after').complete")
        source = self.page.get_attribute(".compare .after", "src")
        return pixels(self.page.request.get(f"{self.address}/{source}").body())

    def changed_by(self, act):
        """The edited picture once an act has changed it."""
        before = self.page.get_attribute(".compare .after", "src")
        act()
        test = "before => document.querySelector('.compare .after').getAttribute('src') != before"
        self.page.wait_for_function(test, arg=before)
        return self.after()

    def downloaded(self, words):
        with self.page.expect_download() as download:
            self.page.get_by_text(words, exact=True).click()
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.proof
@pytest.mark.parametrize("width", [1200, 390])
def test_a_photo_is_dropped_a_slider_moved_and_the_result_downloaded(studio, browser, photos, width):
    address, _ = studio
    visit = Visit(browser, address, width)
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    dropped = visit.changed_by(lambda: page.set_input_files("#photo input[type=file]", str(photos / "one.png")))
    assert dropped.shape == (256, 256, 3)
    slider = page.get_by_role("slider", name="AU12")
    assert float(slider.input_value()) == 0.2, "sliders begin at what was measured"

    def drag():
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.25 * box["width"], middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.9 * box["width"], middle, steps=4)
        page.mouse.up()

    smiling = visit.changed_by(drag)
    assert float(slider.input_value()) > 0.8
    assert (smiling != dropped).any()
    assert "AU12 smile 0.20 to" in page.inner_text(".said")

    name, content = visit.downloaded("Download PNG")
    assert name == "one-edited.png"
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG"
    assert np.array_equal(pixels(content), smiling)
    assert "efgan_kit" in image.info["Software"]
    assert "--au AU12=0.8" in page.inner_text("#command code") or "--au AU12=0.9" in page.inner_text("#command code")

    name, content = visit.downloaded("GIF of the way")
    assert name == "one-way.gif"
    assert Image.open(io.BytesIO(content)).n_frames > 2

    reset = visit.changed_by(lambda: page.get_by_text("Back to the face as it is").click())
    assert np.array_equal(reset, dropped)
    assert float(slider.input_value()) == 0.2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.elsewhere() == []
    assert visit.wrong == []


@pytest.mark.proof
def test_presets_regions_faces_and_keys(studio, browser, photos):
    address, _ = studio
    visit = Visit(browser, address, 1200)
    page = visit.page
    visit.changed_by(lambda: page.set_input_files("#photo input[type=file]", str(photos / "three.png")))
    page.wait_for_selector(".faces button")
    assert page.locator(".faces button").count() == 3
    visit.changed_by(lambda: page.get_by_label("face 3", exact=True).click())
    whole = visit.changed_by(lambda: page.get_by_role("button", name="happy").click())
    assert float(page.get_by_role("slider", name="AU12").input_value()) == 0.9
    mouth = visit.changed_by(lambda: page.get_by_text("mouth", exact=True).click())
    assert (mouth != whole).any()
    slider = page.get_by_role("slider", name="AU26")
    slider.focus()
    visit.changed_by(lambda: page.keyboard.press("End"))
    assert float(slider.input_value()) == 1
    assert "--region mouth" in page.inner_text("#command code")
    assert "--faces 3" in page.inner_text("#command code")
    assert visit.elsewhere() == []


@pytest.mark.proof
def test_what_is_no_picture_and_nobody_is_said_in_a_sentence(studio, browser, photos):
    address, _ = studio
    visit = Visit(browser, address, 390)
    page = visit.page
    for file, says in (("broken.png", "broken.png is not a readable picture"), ("nobody.png", "No face was found")):
        page.set_input_files("#photo input[type=file]", str(photos / file))
        page.wait_for_function("says => document.querySelector('#notice').innerText.includes(says)", arg=says)
        assert "Traceback" not in page.content()
    assert page.get_attribute(".compare .before", "alt").startswith("test:")


@pytest.mark.proof
def test_it_ends_quietly(studio, browser):
    """The last: with a page still open, Ctrl-C ends the server, and nothing was logged but what it said itself."""
    address, process = studio
    Visit(browser, address, 390)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == ""
    said = [line.partition(":")[0] for line in err.splitlines()]
    assert said == [f"opening {process.args[4]}", "the studio is closed"]
