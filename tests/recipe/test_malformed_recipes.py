"""Malformed recipes: each is refused with exit code 2, at its place, in words, with nothing written."""

# ruff: noqa: E501 - the table reads best with one fault a line

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe

TOY = Path(__file__).parents[1] / "plugins" / "toy"
SOUND = (TOY / "recipes" / "toy.yaml").read_text().partition("recipe: 1\n")[2]
"""The sound recipe; every fault below is one change to it. `recipe: 1` is its line 1."""

GENERATOR = "{use: toy-generator, width: 4}"

FAULTS = {
    # YAML itself
    "unclosed bracket": ("{use: toy-constant}", "{use: toy-constant", "15:6", "while parsing a flow mapping, begun at line 14"),
    "tab indentation": ("  content:", "\tcontent:", "11:1", "not YAML"),
    "bad indentation": ("  content: {use", "   content: {use", "12:3", "not YAML"),
    "unclosed quote": ("name: toy", 'name: "toy', "20:1", "quoted scalar, begun at line 2"),
    "undefined alias": ("{steps: 4}", "*steps", "15:8", "undefined alias 'steps'"),
    "two documents": ("metrics: [toy-error]", "---\nmetrics: [toy-error]", "19:1", "single document"),
    "a name that is another folder": ("name: toy", "name: ..", "2:7", "name: '..' is not a name"),
    "control character": ("name: toy", "name: to\x07y", "2:9", "U+0007"),
    "duplicate section": ("name: toy", "name: toy\nname: boy", "3:1", "'name' is already set at line 2"),
    "duplicate parameter": ("width: 4", "width: 4, width: 8", "7:45", "'width' is already set at line 7"),
    "tag": ("{steps: 4}", "!!python/name:os.system {steps: 4}", "15:8", "tag"),
    "scalar tag": ("steps: 4", "steps: !!timestamp 2001-01-01", "15:16", "timestamp"),
    "merge key": ("{steps: 4}", "{<<: {steps: 4}}", "15:9", "use `extends: PARENT`"),
    "list as key": ("{steps: 4}", "{[a]: 4, steps: 4}", "15:9", "a key must be a word"),
    "endless alias": ("{steps: 4}", "{steps: &a [*a]}", "15:16", "aliases"),
    "huge integer": ("count: 8", "count: 123456789012345678901", "17:34", "is not a whole number"),
    "infinite number": ("lr: 1e-2", "lr: 1e999", "13:31", "'1e999' is not a number"),
    # The recipe's own keys
    "format version": ("recipe: 1", "recipe: 2", "1:9", "`recipe: 1`"),
    "unknown section": ("schedule:", "shedule:", "14:1", "'shedule' is not a key of a recipe; did you mean 'schedule'?"),
    "missing section": ("schedule: {use: toy-constant}\n", "", "1:1", "the section 'schedule' is missing"),
    "bad name": ("name: toy", "name: toy/one", "2:7", "'toy/one' is not a name"),
    "abstract": ("name: toy", "abstract: true", "2:1", "is abstract"),
    "unknown parent": ("name: toy", "extends: to", "2:10", "no recipe is called 'to'"),
    "missing parent file": ("name: toy", "extends: ./nowhere.yaml", "2:10", "there is no recipe file"),
    "parent is a list": ("name: toy", "extends: [a, b]", "2:10", "extends: expected a recipe's name or file"),
    "requirement not installed": ("toy-plugin>=1", "moon-plugin>=1", "3:12", "pip install 'moon-plugin>=1'"),
    "requirement too new": ("toy-plugin>=1", "toy-plugin>=7", "3:12", "toy-plugin 1.2 is installed"),
    "requirement malformed": ("toy-plugin>=1", '"toy plugin!"', "3:12", "is not a requirement"),
    # Faces
    "face not a multiple of 4": ("size: 64", "size: 66", "4:15", "66 pixels; a multiple of 4 from 32 to 1024"),
    "face too small": ("size: 64", "size: 16", "4:15", "16 pixels"),
    "face size is text": ("size: 64", "size: big", "4:15", "expected a whole number, not 'big'"),
    "unknown AU set": ("[AU06, AU12, AU25]", "openface-18", "4:24", "did you mean 'openface-17'?"),
    "unknown AU": ("AU25]", "AU99]", "4:24", "not an action unit of the set openface-17"),
    "AU given twice": ("AU25]", "AU06]", "4:24", "each once"),
    "unknown region": ("mouth: [20, 32]", "moth: [20, 32]", "4:54", "did you mean 'mouth'?"),
    "region of one side": ("[20, 32]", "[20]", "4:61", "expected a list of 2, not of 1"),
    "region not a multiple of 4": ("[20, 32]", "[20, 33]", "4:61", "multiples of 4"),
    "region larger than the face": ("[20, 32]", "[20, 128]", "4:53", "do not fit into a face of 64x64"),
    # Components
    "unknown component": ("toy-generator", "toy-generater", "7:20", "no generator is called 'toy-generater'; did you mean"),
    "component of another kind": ("toy-generator", "toy-critic", "7:20", "there is a discriminator of that name"),
    "no use": ("use: toy-generator, ", "", "7:3", "names no generator (`use: NAME`)"),
    "use is a number": ("use: toy-generator", "use: 3", "7:20", "names no generator"),
    "component is text": (GENERATOR, "toy-generator", "7:14", "write {use: toy-generator}"),
    "component is a list": (GENERATOR, "[toy-generator]", "7:14", "expected a generator"),
    "unknown parameter": ("width: 4", "widht: 4", "7:35", "'toy-generator' (toy-plugin 1.2) has no parameter 'widht'; did you mean 'width'?"),
    "parameter the program supplies": ("width: 4", "region: 4", "7:35", "the program supplies it"),
    "required parameter": (", layers: 2", "", "9:18", "'toy-critic' needs a value for 'layers'"),
    "required part": (f"  generator: {GENERATOR}\n", "", "6:8", "'toy-graph' needs a value for 'generator'"),
    "text for a number": ("width: 4", "width: wide", "7:42", "graph.generator.width: expected a whole number, not 'wide'"),
    "float for an integer": ("width: 4", "width: 4.5", "7:42", "expected a whole number, not 4.5"),
    "bool for an integer": ("width: 4", "width: true", "7:42", "expected a whole number, not true"),
    "null for an integer": ("width: 4", "width: null", "7:42", "expected a whole number, not null"),
    "yes for a bool": ("width: 4", "fast: yes", "7:41", "expected true or false, not 'yes'"),
    "not one of the choices": ("width: 4", "upsampling: middle", "7:47", "expected one of 'near', 'far', not 'middle'"),
    "text for a list": ("width: 4", "steps: 3", "7:42", "expected a list, each a whole number, not 3"),
    "text inside a list": ("width: 4", "steps: [1, two]", "7:46", "graph.generator.steps.1: expected a whole number"),
    "number for optional text": ("width: 4", "label: 3", "7:42", "expected text or null, not 3"),
    "list for a mapping of parts": ("\n    final: {use: toy-critic, layers: 2}", " [a]", "8:12", "critics: expected a mapping of names"),
    "part that is no component": ("{use: toy-critic, layers: 2}", "8", "9:12", "graph.critics.final: expected a discriminator"),
    "unknown region's parameters": ("width: 4", "per_region: {moth: {width: 2}}", "7:48", "did you mean 'mouth'?"),
    "unknown key for a region": ("width: 4", "per_region: {mouth: {with: 2}}", "7:56", "did you mean 'width'?"),
    "region's parameter of a wrong type": ("width: 4", "per_region: {mouth: {width: x}}", "7:63", "expected a whole number"),
    "regions for what has none": ("lr: 1e-2", "per_region: {mouth: {lr: 1}}", "13:27", "made for each region"),
    "module not installed": ("toy-generator", "toy-far", "7:20", "pip install 'toy-plugin[far]'"),
    "target does not exist": ("toy-generator", "toy-gone", "7:20", "'toy_plugin.gone:Gone', which does not exist"),
    "target misspelt": ("toy-generator", "toy-misnamed", "7:20", "did you mean 'ToyGenerator'?"),
    "asks for what it is not given": ("toy-generator", "toy-greedy", "7:20", "asks for moon"),
    "missing value": ("count: 8", "count: ???", "17:34", "data.train.count: a value is missing; give it with -o data.train.count"),
    # Losses, optimizer, training, data, metrics
    "weight is text": ("weight: 10", "weight: heavy", "11:34", "losses.content.weight: expected a number"),
    "weight for an unknown player": ("weight: 10", "weight: {generater: 1}", "11:35", "did you mean 'generator'?"),
    "weight for a player not taught": ("weight: 10", "weight: {discriminator: 1}", "11:18", "does not teach the discriminator"),
    "misspelt weight": ("weight: 10", "wieght: 10", "11:26", "has no parameter 'wieght'; did you mean 'weight'?"),
    "every zero steps": ("weight: 10", "every: 0", "11:33", "1 or more"),
    "null term": ("{use: toy-l1, weight: 10}", "null", "11:12", "expected a loss, not null"),
    "losses are a list": ("\n  content: {use: toy-l1, weight: 10}\n  adversarial: {use: toy-adversarial, penalty: 5}", " [toy-l1]", "10:9", "losses: expected a mapping"),
    "term asks for an unknown value": ("toy-l1", "toy-lost", "11:18", "asks for 'editted', a value that 'toy-graph' has not; did you mean 'edited'?"),
    "term teaches nobody": ("toy-l1", "toy-idle", "11:18", "none of the methods generator, discriminator, interpolator"),
    "unknown player of the optimizer": ("lr: 1e-2", "per_player: {critic: {lr: 1}}", "13:40", "'critic' is not a player"),
    "unknown key for a player": ("lr: 1e-2", "per_player: {generator: {momentun: 1}}", "13:52", "did you mean 'momentum'?"),
    "epochs and steps": ("steps: 4", "steps: 4, epochs: 2", "15:9", "exactly one of 'epochs' and 'steps'"),
    "neither epochs nor steps": ("steps: 4", "seed: 4", "15:1", "exactly one of 'epochs' and 'steps'"),
    "unknown training key": ("steps: 4", "steps: 4, batchsize: 2", "15:19", "did you mean 'batch_size'?"),
    "batch of nothing": ("steps: 4", "steps: 4, batch_size: 0", "15:31", "train.batch_size: 0; 1 or more is wanted"),
    "precision": ("steps: 4", "steps: 4, precision: fp8", "15:30", "'fp32', 'bf16', 'fp16', not 'fp8'"),
    "ema of 1": ("steps: 4", "steps: 4, ema: 1.0", "15:24", "more than 0 and less than 1 is wanted"),
    "share above 1": ("steps: 4", "steps: 4, paired: 2", "15:27", "0 or more and at most 1 is wanted"),
    "unknown split": ("  test:", "  tset:", "18:3", "did you mean 'test'?"),
    "no training data": ("  train: {use: toy-faces, count: 8}\n", "", "16:1", "needs an entry 'train'"),
    "data is text": ("\n  train: {use: toy-faces, count: 8}\n  test: {use: toy-faces, count: 4}", " photos", "16:7", "data: expected a mapping"),
    "unknown metric": ("[toy-error]", "[toy-eror]", "19:11", "did you mean 'toy-error'?"),
    "metrics are text": ("[toy-error]", "toy-error", "19:10", "metrics: expected a list"),
}  # fmt: skip


@pytest.fixture
def malformed(tmp_path, monkeypatch):
    """Writes the sound recipe with one change into an empty folder, where the test then stands."""
    monkeypatch.chdir(tmp_path)

    def write(old, new):
        sound = "recipe: 1\n" + SOUND
        assert old in sound, "the change must apply"
        Path("bad.yaml").write_text(sound.replace(old, new, 1))

    return write


@pytest.mark.parametrize("fault", FAULTS)
def test_a_malformed_recipe_is_refused_at_its_place(fault, malformed, efgan, toy_plugin):
    old, new, place, fragment = FAULTS[fault]
    malformed(old, new)
    if "???" in new:  # A missing value may stand in a recipe that is looked at, not in one that is to run.
        with pytest.raises(EfganError, match=f"^{re.escape(f'bad.yaml:{place}: {fragment}')}"):
            load_recipe("bad.yaml")
        return
    answer = efgan("recipe", "check", "bad.yaml")
    assert answer.code == 2, answer.err
    assert "Traceback" not in answer.err
    assert f"error: bad.yaml:{place}: " in answer.err
    assert fragment in answer.err
    assert answer.out == ""
    assert list(Path().iterdir()) == [Path("bad.yaml")]


def test_the_sound_recipe_is_not_refused(malformed, efgan, toy_plugin):
    malformed("name: toy", "name: toy")
    answer = efgan("recipe", "check", "bad.yaml")
    assert (answer.code, answer.err) == (0, "")


def test_all_faults_are_told_at_once_in_the_order_of_the_text(malformed, efgan, toy_plugin):
    malformed("size: 64", "size: 66")
    text = Path("bad.yaml").read_text()
    for old, new in (
        ("width", "widht"),
        ("toy-l1", "toy-l2"),
        ("steps: 4", "steps: 0"),
        ("schedule:", "shedule:"),
    ):
        text = text.replace(old, new)
    Path("bad.yaml").write_text(text)
    lines = efgan("recipe", "check", "bad.yaml").err.splitlines()
    places = [line.split(": ")[1].removeprefix("bad.yaml:") for line in lines]
    assert places == ["1:1", "4:15", "7:35", "11:18", "14:1", "15:16"]


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b"", "bad.yaml:1:1: the recipe is empty"),
        (b"# nothing but words\n", "the recipe is empty"),
        (b"- recipe\n", "bad.yaml:1:1: the recipe is not a mapping"),
        (b"recipe: 1\nname: caf\xe9\n", "bad.yaml:2: byte 0xe9 is not UTF-8"),
        (b"recipe: 1\nname: " + b"[" * 3000, "nested deeper than 40 levels"),
        (b"#" * 1_000_001, "is larger than 1,000,000 bytes"),
        (
            b"recipe: 1\na: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 10)) for c in b"abcdef"),
            "aliases expand",
        ),
    ],
    ids=["empty", "comments", "list", "latin-1", "deep", "large", "billion laughs"],
)
def test_a_file_that_is_no_recipe_is_refused(content, fragment, tmp_path, monkeypatch, efgan):
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_bytes(content)
    answer = efgan("recipe", "show", "bad.yaml")
    assert answer.code == 2
    assert fragment in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "fault", ["unclosed bracket", "unknown parameter", "module not installed", "missing parent file"]
)
def test_the_program_itself_refuses_malformed_recipes(fault, malformed):
    old, new, place, fragment = FAULTS[fault]
    malformed(old, new)
    done = subprocess.run(
        [sys.executable, "-m", "efgan_kit", "recipe", "check", "bad.yaml"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TOY), str(TOY.parents[2])])},
        check=False,
    )
    assert done.returncode == 2
    assert f"bad.yaml:{place}: " in done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
