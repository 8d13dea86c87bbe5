"""A preparation outlives pictures that kill the process looking at them."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SEER = Path(__file__).parents[1] / "plugins" / "seer"


@pytest.mark.proof
def test_a_picture_that_kills_its_process_is_skipped_and_the_others_go_on(
    efgan, tmp_path, monkeypatch, fresh_registry
):
    monkeypatch.syspath_prepend(str(SEER))
    monkeypatch.setenv("PYTHONPATH", str(SEER))
    import seer_parts

    photos = tmp_path / "photos"
    photos.mkdir()
    for number, name in enumerate(("a", "b", "deadly", "d", "e")):
        pixels = np.full((360, 480, 3), 90, np.uint8)
        seer_parts.paint(pixels, seer_parts.placed((220.0, 140.0), 70.0), number / 5)
        Image.fromarray(pixels).save(photos / f"{name}.png")
    options = ["--landmarks", "seer", "--landmarks-option", "stumble=deadly", "--jobs", 2]
    done = efgan("data", "prepare", photos, "--out", tmp_path / "out", *options)
    sys.modules.pop("seer_parts", None)
    assert done.code == 0, done.err
    assert "skipped: deadly.png: ended the process that looked at it" in done.out
    with (tmp_path / "out" / "labels.csv").open(newline="") as file:
        assert [row["photo"] for row in csv.DictReader(file)] == ["a.png", "b.png", "d.png", "e.png"]
