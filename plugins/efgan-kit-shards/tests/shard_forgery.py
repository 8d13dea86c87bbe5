"""Tar files made by hand, and what goes into them."""

import io
import json
import tarfile

import numpy as np
from PIL import Image

POINTS = [[10 + n % 40, 12 + n % 36] for n in range(68)]


def picture(shade=100, side=64, form="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), shade, np.uint8)).save(buffer, form, **options)
    return buffer.getvalue()


def labels(**changes):
    return json.dumps({"landmarks": POINTS, "aus": {"AU12": 0.5}, "person": "anna", **changes}).encode()


def tar(path, *members):
    """A tar file of (name, content, changes to the header)."""
    with tarfile.open(path, "w") as archive:
        for name, content, *changes in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in (changes[0] if changes else {}).items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return path
