"""What a user reads where the ray tracer is missing."""

import sys

import pytest
from efgan_kit_ict.dataset import Studio

from efgan_kit.api import EfganError


def test_a_missing_ray_tracer_is_named_with_its_install_line(monkeypatch):
    monkeypatch.delitem(sys.modules, "efgan_kit_ict.rendering", raising=False)
    monkeypatch.setitem(sys.modules, "embreex.mesh_construction", None)
    with pytest.raises(EfganError, match=r"pip install embreex$"):
        Studio.render(None, 0, 0, None)
