"""Every component that is registered keeps the contract of its kind."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from efgan_kit.api import FoundFace, Maker, Picture, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.extractors.person_net import PersonNet
from efgan_kit.registry import registry
from efgan_kit.testing.conformance import CHECKS, Subject, checks_for
from efgan_kit.testing.scenes import SQUARE

REGIONS = ("face", "eyes", "mouth")


def part(kind, name, **params):
    return Maker(registry().catalogue.find(kind, name).load(), params)


def published_parts():
    return {
        "generator": part("generator", "attention-resnet", width=4, blocks=1),
        "refiner": part("refiner", "paste-and-refine", width=4, blocks=1),
        "discriminators": {
            "initial": part("discriminator", "patch-critic", width=4, layers=2),
            "final": part("discriminator", "patch-critic", width=4, layers=3, predicts_aus=True),
        },
        "interpolator": part("interpolator", "residual-mlp", width=8),
        "au_discriminator": part("au-discriminator", "au-critic", width=8),
    }


def by_region(low, high):
    generator = torch.Generator().manual_seed(0)
    return {name: low + (high - low) * torch.rand(6, generator=generator) for name in REGIONS}


def aus(seed):
    return torch.rand(6, SQUARE.aus, generator=torch.Generator().manual_seed(seed))


SMALL = {
    ("generator", "attention-resnet"): {"width": 4, "blocks": 1},
    ("generator", "direct-resnet"): {"width": 4, "blocks": 1},
    ("generator", "warp-and-paint"): {"width": 4},
    ("refiner", "paste-and-refine"): {"width": 4, "blocks": 1},
    ("refiner", "residual-refiner"): {"width": 4},
    ("discriminator", "patch-critic"): {"width": 4, "layers": 3, "predicts_aus": True},
    ("interpolator", "residual-mlp"): {"width": 8},
    ("au-discriminator", "au-critic"): {"width": 8},
    ("loss", "au-teacher"): {"width": 4, "steps": 2, "initial": 0.5},
    ("loss", "paired-l1"): {"squares": 0.5},
    ("dataset", "drawn-faces"): {"people": 2, "expressions": 2},
    ("dataset", "mixed"): {
        "parts": {
            "several": Maker(DrawnFaces, {"people": 2, "expressions": 2}),
            "alone": Maker(DrawnFaces, {"people": 1, "expressions": 1, "group": "test"}),
        },
        "shares": {"several": 1, "alone": 1},
    },
    ("extractor", "person-net"): {"width": 4, "steps": 2, "features": 8},
    ("extractor", "au-features"): {"width": 4, "steps": 2},
    ("metric", "identity"): {"extractor": Maker(PersonNet, {"width": 2})},
    ("metric", "frechet"): {"extractor": Maker(PersonNet, {"width": 2, "features": 3})},
    ("metric", "kernel-distance"): {"extractor": Maker(PersonNet, {"width": 2, "features": 3})},
    ("schedule", "constant-then-linear"): {"warmup_steps": 3},
}
"""Parameters that make a component small and switch its parts on."""

def pictures(seed):
    return 2 * torch.rand(6, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) - 1


MEASURED = {
    "source": pictures(6),
    "edited": pictures(7),
    "truth": pictures(8),
    "example": pictures(8),
    "person": torch.tensor([0, 0, 1, 1, 2, 2]),
    "step_aus": torch.rand(6, 3, SQUARE.aus, generator=torch.Generator().manual_seed(9)),
    "step_targets": torch.rand(6, 3, SQUARE.aus, generator=torch.Generator().manual_seed(10)),
    "source_aus": aus(0),
    "target_aus": aus(1),
    "edited_aus": aus(2),
    "noop_aus": aus(3),
    "floor_aus": aus(4),
    "attention_mean": by_region(0, 1),
    "attention_copies": by_region(0, 0.5),
    "attention_redraws": by_region(0, 0.5),
    "edited_psnr": by_region(20, 40),
    "noop_psnr": by_region(20, 40),
    "edited_ssim": by_region(0, 1),
    "noop_ssim": by_region(0, 1),
    "edited_l1": by_region(0, 1),
    "noop_l1": by_region(0, 1),
    "self_edit_l1": torch.rand(6, generator=torch.Generator().manual_seed(5)),
    "cycle_l1": torch.rand(6, generator=torch.Generator().manual_seed(11)),
    "cycle_psnr": 40 * torch.rand(6, generator=torch.Generator().manual_seed(12)),
}
"""What an evaluation measures, made up for six faces."""

CASES = [
    pytest.param(offer, check, id=f"{offer.kind}:{offer.name}-{check.__name__}")
    for offer in registry().catalogue.offers
    if offer.distribution == "efgan-kit"  # plugins that happen to be installed have tests of their own
    for check in CHECKS[offer.kind]
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    write_photo_folder(DrawnFaces(SQUARE.faces, people=2, expressions=2), root)
    return root


@pytest.fixture(scope="module")
def databases(tmp_path_factory, write_database):
    """A folder of each face database, two people with two expressions."""
    names = {
        "rafd": [f"Rafd090_0{p}_Kid_male_{e}_frontal.jpg" for p in (1, 2) for e in ("neutral", "sad")],
        "cfee": [f"{code:02d}_{person}_1.jpg" for person in (110, 126) for code in (1, 2)],
    }
    return {name: write_database(tmp_path_factory.mktemp(name), files) for name, files in names.items()}


@pytest.fixture(scope="module")
def written(tmp_path_factory, write_database):
    """By the reader's name: its parameters, and a picture of which another program wrote."""
    folder = write_database(tmp_path_factory.mktemp("written"), ["a/one.png"], labels="openface")
    pixels = np.asarray(Image.open(folder / "a" / "one.png").convert("RGB"))
    with (folder / "openface" / "one.csv").open(newline="") as file:
        (row,) = csv.DictReader(file, skipinitialspace=True)
    points = {name: cell for name, cell in row.items() if name[:2] in ("x_", "y_")}
    fex = {"input": "somewhere/a/one.png", "FaceScore": "0.9", **points}
    units = (*au_set("openface-17").names[:-1], "AU43")
    fex |= {unit: f"{place / 20:.2f}" for place, unit in enumerate(units)}
    (folder / "fex.csv").write_text(f"{','.join(fex)}\n{','.join(fex.values())}\n")
    picture = Picture(pixels, folder / "a" / "one.png")
    return {
        "openface": ({"folder": str(folder / "openface")}, picture),
        "pyfeat": ({"table": str(folder / "fex.csv")}, picture),
    }


def reader(offer, written):
    """A landmarker with a picture, or an AU labeller with a face that another landmarker has found."""
    params, picture = written[offer.name]
    landmarker = registry().catalogue.find("landmarker", offer.name).load()(**params)
    (face,) = landmarker(picture)
    values = {"pictures": [picture], "faces": [(picture, face), (picture, FoundFace(face.landmarks + 1))]}
    return Subject(offer.kind, offer.load(), params, values)


@pytest.mark.parametrize(("offer", "check"), CASES)
def test_a_component_keeps_its_contract(offer, check, photos, databases, written):
    if offer.kind in ("landmarker", "au-labeller"):
        check(reader(offer, written))
        return
    params = SMALL.get((offer.kind, offer.name), {})
    if offer.kind == "graph":
        params = published_parts()
    if offer.name == "photo-folder":
        params = {"root": str(photos)}
    if offer.name in databases:
        params = {"root": str(databases[offer.name])}
    check(Subject(offer.kind, offer.load(), params, MEASURED if offer.kind == "metric" else {}))


def test_every_kind_has_checks():
    assert {kind: len(checks_for(kind)) > 1 for kind in CHECKS} == dict.fromkeys(CHECKS, True)
    assert set(CHECKS) == {offer.kind for offer in registry().catalogue.offers}
