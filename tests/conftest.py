"""What every test may ask for."""

import importlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

# Two cores are shared with other tests and trainings: more threads only make them wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TOY = Path(__file__).parent / "plugins" / "toy"
REACH = Path(__file__).parent / "plugins" / "reach"


class Answer(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """What is fitted in a test is not kept beside the user's; a cache that the environment names is used.

    The user's choice of plugins is left alone, too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EFGAN_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        if "EFGAN_CACHE_DIR" not in os.environ:
            patch.setenv("EFGAN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def rewritten():
    """Writes other tensors into a file of a checkpoint, which then vouches for them: `rewritten(path, tensors)`."""
    import hashlib
    import json

    from safetensors.torch import save

    from efgan_kit.training.checkpoints import SEAL, STATE, seal

    def rewritten(path, tensors):
        content = save(tensors)
        path.write_bytes(content)
        state = json.loads((path.parent / STATE).read_text())
        state["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        (path.parent / STATE).write_text(json.dumps({**state, SEAL: seal(state)}))

    return rewritten


@pytest.fixture
def efgan(capsys):
    """Runs the command line in this process: `efgan("recipe", "list")`."""
    from efgan_kit.cli import cli
    from efgan_kit.cli.errors import guarded

    def run(*arguments):
        capsys.readouterr()
        code = guarded(cli, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def fresh_registry():
    """Plugins are looked for anew, before the test and after it."""
    from efgan_kit.registry import registry

    registry.cache_clear()
    yield registry
    registry.cache_clear()


@pytest.fixture
def install_plugin(tmp_path, monkeypatch, fresh_registry):
    """`install_plugin("moon-plugin", SOURCE)`: it is installed, for this process and for those that it starts.

    Its entry point is `NAME = MODULE`, the module its name with underscores unless `entry` says otherwise. `requires`
    are lines of its metadata.
    """
    place, installed = tmp_path / "site", []
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    root = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(place), root, os.environ.get("PYTHONPATH")])))

    def install(name, source, *, requires=(), entry=None, version="0.5"):
        module = name.replace("-", "_")
        (place / f"{module}.py").write_text(source, encoding="utf-8")
        sys.modules.pop(module, None)
        installed.append(module)
        info = place / f"{module}-{version}.dist-info"
        info.mkdir()
        lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}")
        (info / "entry_points.txt").write_text(f"[efgan_kit]\n{name} = {entry or module}\n")
        importlib.invalidate_caches()
        fresh_registry.cache_clear()
        return place

    yield install
    for module in installed:
        sys.modules.pop(module, None)


@pytest.fixture
def toy_plugin(monkeypatch, fresh_registry):
    """The plugin of tests/plugins/toy is installed."""
    monkeypatch.syspath_prepend(str(TOY))
    return TOY


@pytest.fixture
def reach_plugin(monkeypatch, fresh_registry):
    """The plugin of tests/plugins/reach is installed: it offers named values and a command."""
    monkeypatch.syspath_prepend(str(REACH))
    return REACH


TINY = """
recipe: 1
name: tiny
faces: {size: 32, aus: [AU06, AU12, AU25, AU26], regions: {eyes: [12, 24], nose: [12, 12], mouth: [12, 16]}}
graph:
  use: ef-gan
  generator: {use: attention-resnet, width: 4, blocks: 1}
  interpolator: {use: linear}
losses:
  content: {use: cycle-l1, weight: 1}
optimizer: {use: adam}
schedule: {use: constant-then-linear, constant_share: 0.5}
train: {steps: 2, batch_size: 4}
data:
  train: {use: drawn-faces, people: 6, expressions: 3}
  test: {use: drawn-faces, people: 4, expressions: 3, group: test}
"""


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """The folder of a run of two steps on drawn faces of 32 pixels."""
    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    train(load_recipe(folder / "tiny.yaml"), run=folder / "run", device="cpu", quiet=True)
    return folder / "run"


class SameWeights(NamedTuple):
    """The run folders of an EF-GAN, and of a cascade of three modules with its weights."""

    single: Path
    cascade: Path


@pytest.fixture(scope="session")
def same_weights(tmp_path_factory, tiny_run):
    """Such a pair: at a rate of 0 the cascade's modules keep the weights that they start from.

    Their parts have no buffers, such as spectral norms, that a step would change all the same.
    """
    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    folder = tmp_path_factory.mktemp("same_weights")
    runs = SameWeights(folder / "single", folder / "cascade")
    parts = (
        "generator: {use: warp-and-paint, width: 4, blocks: 1}, refiner: {use: residual-refiner, width: 4}, "
        "interpolator: {use: residual-mlp}"
    )
    cascade = f"use: cascade-ef-gan, modules: 3, start_from: '{runs.single}'"
    for run, graph, rate in ((runs.single, "use: ef-gan", 0.01), (runs.cascade, cascade, 0)):
        overrides = [
            f"graph={{{graph}, {parts}}}",
            f"optimizer.lr={rate}",
        ]
        train(load_recipe(tiny_run / "recipe.yaml", overrides=overrides), run=run, device="cpu", quiet=True)
    return runs


@pytest.fixture(scope="session")
def drawn_photos(tmp_path_factory):
    """A photo folder of three drawn people, three faces of 48 pixels each, with pairs in a ring."""
    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    folder = tmp_path_factory.mktemp("drawn_photos")
    data = DrawnFaces(FaceSpec(48, au_set("openface-17")), people=3, expressions=3, seed=7)
    write_photo_folder(data, folder)
    return folder


@pytest.fixture(scope="session")
def write_database():
    """Writes drawn faces of 48 pixels under given names, with the files that OpenFace would write of them.

    `write(folder, names, labels="beside")`; labels may also be a folder's name, `labels.csv` or empty for none.
    Name i shows drawn face i of twelve, the thirteenth the first again.
    """
    from PIL import Image

    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    units = au_set("openface-17")
    drawn = DrawnFaces(FaceSpec(48, units), people=4, expressions=3, seed=3)

    def columns(index):
        face = drawn[index % len(drawn)]
        intensities = {f"{unit}_r": f"{5 * au:.2f}" for unit, au in zip(units.names, face.aus.tolist(), strict=True)}
        points = {f"{axis}_{i}": f"{face.landmarks[i, k]:.1f}" for k, axis in enumerate("xy") for i in range(68)}
        return face, {"face": "0", "confidence": "0.975", **points, **intensities}

    def write(folder, names, labels="beside"):
        rows = []
        for index, name in enumerate(names):
            picture = folder / name
            picture.parent.mkdir(parents=True, exist_ok=True)
            face, label = columns(index)
            Image.fromarray(face.image.permute(1, 2, 0).numpy()).save(picture, format="PNG")
            rows.append([name, *label.values()])
            text = f"{', '.join(label)}\n{', '.join(label.values())}\n"
            if labels == "labels.csv":
                lines = [",".join(["image", *label]), *(",".join(row) for row in rows)]
                (folder / labels).write_text("\n".join(lines) + "\n", encoding="utf-8")
            elif labels:
                home = picture.parent if labels == "beside" else folder / labels
                home.mkdir(exist_ok=True)
                (home / f"{picture.stem}.csv").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def quick_judge(monkeypatch, tmp_path):
    """Judges and extractors learn for a few steps and are kept in a cache of the test's own; intervals are rough."""
    import functools

    from efgan_kit.components.extractors.person_net import PersonNet
    from efgan_kit.evaluation import comparison, judge, measuring
    from efgan_kit.evaluation.bootstrap import intervals

    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    quick = functools.partial(judge.JudgeSettings, steps=3, batch_size=8, width=4)
    monkeypatch.setattr(judge, "JudgeSettings", quick)
    monkeypatch.setitem(PersonNet.__init__.__kwdefaults__, "steps", 2)
    monkeypatch.setitem(PersonNet.__init__.__kwdefaults__, "width", 2)
    for module in (measuring, comparison):
        monkeypatch.setattr(module, "intervals", functools.partial(intervals, resamples=50))


FULL = [
    "graph={generator: {use: attention-resnet, width: 4, blocks: 1},"
    " refiner: {use: paste-and-refine, width: 4, blocks: 1},"
    " discriminators: {initial: {use: patch-critic, layers: 2, width: 4},"
    " final: {use: patch-critic, layers: 2, width: 4, predicts_aus: true}},"
    " interpolator: {use: residual-mlp}, au_discriminator: {use: au-critic}, soft_edge: 2}",
    "losses.adversarial={use: wgan-gp, weight: 1}",
    "losses.interpolation={use: interpolated-aus, weight: 1}",
    "train.ema=0.9",
    "optimizer.lr=0.01",
]


@pytest.fixture(scope="session")
def full_run(tmp_path_factory, tiny_run):
    """The folder of a small run with spectral norms, averaged weights, discriminators and an interpolator."""
    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    folder = tmp_path_factory.mktemp("full") / "run"
    train(load_recipe(tiny_run / "recipe.yaml", overrides=FULL), run=folder, device="cpu", quiet=True)
    return folder


class FirstExport(NamedTuple):
    """A run exported as a folder, and the program that was traced for it."""

    exported: object
    program: object


@pytest.fixture(scope="session")
def first_export(full_run, tmp_path_factory):
    """`full_run` as a self-contained folder; its network is ONNX where that is installed."""
    from efgan_kit.editing.export import export, exporting

    traced = []

    def trace(*arguments, really=exporting.trace):
        traced.append(really(*arguments))
        return traced[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "trace", trace)
        exported = export(full_run, to="safetensors", out=tmp_path_factory.mktemp("exported") / "model")
    return FirstExport(exported, traced[0])


@pytest.fixture(scope="session")
def exported_folder(first_export):
    """The folder itself."""
    return first_export.exported.path


@pytest.fixture
def quick_export(first_export, monkeypatch):
    """Exports of `full_run`, or of its copies, take the program and the ONNX file that were made of it before."""
    import shutil

    from efgan_kit.editing.export import exporting, onnx_file

    folder, program = first_export.exported.path, first_export.program
    monkeypatch.setattr(exporting, "trace", lambda *arguments: program)
    if (folder / "model.onnx").exists():
        monkeypatch.setattr(onnx_file, "write_onnx", lambda path, *rest: shutil.copyfile(folder / "model.onnx", path))
