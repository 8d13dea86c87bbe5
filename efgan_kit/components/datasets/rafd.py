"""The Radboud Faces Database, as researchers receive it: a folder of pictures whose names say everything.

Langner, Dotsch, Bijlstra, Wigboldus, Hawk and van Knippenberg, "Presentation and validation of the Radboud Faces
Database", Cognition and Emotion 24 (2010).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from efgan_kit.api import FaceSpec

from .photo_folder import PhotoFolder
from .photos.grammar import Grammar, compiled, plain
from .photos.naming import DatabaseNaming, Direction, chosen_expressions

EXPRESSIONS: Final = ("angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
GRAMMAR: Final = Grammar(
    database="RaFD",
    example="Rafd090_01_Caucasian_female_angry_frontal.jpg",
    patterns=compiled(
        r"Rafd(?P<camera>\d{3})_(?P<person>\d+)_(?P<ethnicity>[a-z]+)_(?P<sex>female|male)"
        r"_(?P<expression>[a-z]+)_(?P<gaze>left|frontal|right)$"
    ),
    expressions={expression: expression for expression in EXPRESSIONS},
)
"""Camera 000 (its right side visible) to 180 (its left), model 01 to 73 with gaps, Caucasian or Moroccan or Kid, sex,
expression, gaze: so public programs read the names (on GitHub, dataset/RafD.py of xiaohanghu/2CET-GAN), after the FAQ
of the database's own site. A text before `Rafd`, as some crops have it, does no harm."""


def rafd(
    faces: FaceSpec,
    *,
    root: str,
    split: Literal["all", "train", "test"] = "all",
    cameras: tuple[Literal[0, 45, 90, 135, 180], ...] = (90,),
    gazes: tuple[Literal["left", "frontal", "right"], ...] = ("frontal",),
    expressions: tuple[str, ...] | None = None,
    pairs: Direction = "from-neutral",
    pattern: str | None = None,
    test_share: float = 0.1,
    seed: int = 0,
    framing: Literal["auto", "whole", "face"] = "auto",
    cache_gb: float = 4.0,
) -> PhotoFolder:
    """Faces of the Radboud Faces Database (RaFD): 67 people, 8 expressions, 5 cameras, 3 gazes.

    A photo folder whose file names, such as `Rafd090_01_Caucasian_female_angry_frontal.jpg`, say whose face and which
    expression a picture shows. Labels are those of a photo folder: the CSV files that OpenFace's FaceLandmarkImg
    writes, or `labels.csv`; pictures that are not chosen need none. The column `person` and pairs.csv are not read.

    The paper's supplement names RaFD and neither its choice of pictures nor its split: frontal pictures, and the share
    of people that a photo folder takes, are this program's decision.

    Args:
        root: The folder; pictures and labels may lie anywhere below it.
        split: Whose faces: everybody's, or those of the people on one side of the split.
        cameras: Camera angles in degrees: 90 sees the face from the front, 0 and 180 from its sides.
        gazes: Where the eyes look.
        expressions: Some of angry, contemptuous, disgusted, fearful, happy, neutral, sad, surprised; null: all.
        pairs: `from-neutral`: each person's neutral picture is the source of a pair with each other expression,
            camera and gaze being the same; `to-neutral`: it is the truth; `both`: both.
        pattern: A regular expression for files named otherwise, looked for in each picture's path below the root
            without suffix, upper and lower case alike. The groups `(?P<person>...)` and `(?P<expression>...)` must
            be there; without `(?P<camera>...)` or `(?P<gaze>...)` pictures are not chosen by it.
        test_share: About which share of the people tests.
        seed: Another seed is another split.
        framing: `whole`: each picture is a face and is resized; `face`: a square around the face is cut out;
            `auto`: whole if the pictures are square and filled by their faces.
        cache_gb: Disk space for decoded faces of this size, in GB, shared by all photo folders; faces that find no
            room are decoded each time.

    Raises:
        EfganError: No picture is named so or chosen, or the folder is at fault as a photo folder may be.
    """
    naming = DatabaseNaming(
        GRAMMAR.named_by(pattern),
        {"camera": frozenset(map(plain, cameras)), "gaze": frozenset(gazes)},
        chosen_expressions(expressions, GRAMMAR),
        pairs,
        view=("camera", "gaze"),
    )
    return PhotoFolder(
        faces,
        naming,
        root=root,
        split=split,
        test_share=test_share,
        seed=seed,
        framing=framing,
        cache_gb=cache_gb,
    )


def _example(folder: Path) -> Mapping[str, str]:
    """Four drawn faces under names of RaFD's."""
    from efgan_kit.components.datasets.drawing.sample_photos import sample_photos

    shown = [(person, expression) for person in ("01", "02") for expression in ("neutral", "sad")]
    return sample_photos(folder, [f"Rafd090_{person}_Kid_male_{expression}_frontal" for person, expression in shown])


rafd.example = _example  # type: ignore[attr-defined]
