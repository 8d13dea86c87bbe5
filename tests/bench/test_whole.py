"""What a whole measurement tells scripts, and what it takes its subject for."""

import json
import math

from efgan_kit.bench import whole
from efgan_kit.bench.machine import Peak
from efgan_kit.bench.step import Measured, Parity
from efgan_kit.bench.whole import Bench
from efgan_kit.timing import Ratio


def test_what_is_no_finite_number_is_null_for_scripts():
    step = Measured(Parity(math.nan, math.inf), (1.0, 2.0), Ratio(1.0, 1.0, 1.0), 2.0, 3.0, 4)
    peaks = {"fp16": Peak(1.0, 2.0)}
    found = Bench("r", (), {}, (None, 1.0), peaks, {"fp16": step}, {}, "fp16", {}, {}, {}, None, [], [])
    plain = json.loads(json.dumps(found.to_plain(), allow_nan=False))
    assert plain["step"]["fp16"]["parity"] == {"losses": None, "norms": None}
    assert plain["step"]["fp16"]["seconds"] == [1.0, 2.0]


def test_a_folder_that_happens_to_have_a_recipes_name_is_no_run(tmp_path):
    assert not whole._is_run(str(tmp_path))
    (tmp_path / "recipe.yaml").touch()
    assert whole._is_run(str(tmp_path))
