"""The database of Compound Facial Expressions of Emotion, as researchers receive it.

Du, Tao and Martinez, "Compound facial expressions of emotion", PNAS 111 (2014), doi 10.1073/pnas.1322355111. The paper
of Cascade EF-GAN calls it CFEED, others CFEE.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from efgan_kit.api import FaceSpec

from .photo_folder import PhotoFolder
from .photos.grammar import Grammar, compiled, plain
from .photos.naming import DatabaseNaming, Direction, chosen_expressions

CODES: Final = {
    1: "neutral",
    2: "happy",
    3: "sad",
    4: "sad",
    5: "angry",
    6: "surprised",
    7: "disgusted",
    8: "fearful",
    9: "happily-surprised",
    10: "happily-disgusted",
    11: "sadly-angry",
    12: "angrily-disgusted",
    13: "appalled",
    14: "hatred",
    15: "angrily-surprised",
    16: "sadly-surprised",
    17: "sadly-surprised",
    18: "disgustedly-surprised",
    19: "disgustedly-surprised",
    20: "disgustedly-surprised",
    21: "fearfully-surprised",
    22: "awed",
    23: "sadly-fearful",
    24: "fearfully-disgusted",
    25: "fearfully-angry",
    26: "sadly-disgusted",
}
"""The expression behind each code: 26 codes for 22 expressions, three of which have several.

The table is that of a public program trained on the database, read from its source; the database's own is the sheet
`summary` of its AU_annotation_all_subjects.xls, which was not at hand. Of other programs, xiaohanghu/2CET-GAN on GitHub
names 2, 3, 5, 6, 7, 9, 11, 12, 13, 14 and 21 alike; a remark there gives 8 another name, its table for RaFD the same.
"""
GRAMMAR: Final = Grammar(
    database="CFEE",
    example="02_126_3963.jpg",
    patterns=compiled(
        r"(?:^|/)(?P<expression>\d{2})_(?P<person>\d{3})(?:_\d+)?$",
        r"(?:^|/)(?P<person>\d{3})_(?P<expression>\d{2})(?:\.(?:png|jpg))?$",
    ),
    expressions={**{plain(code): name for code, name in CODES.items()}, **{n: n for n in CODES.values()}},
)
"""`CODE_PERSON_NUMBER.jpg` in folders such as `CFEE_Database_230/01-04/Images1`: the code of the expression, the person
in three digits, the number of the photograph. Two public programs read it so (on GitHub, dataset/CFEE.py of
xiaohanghu/2CET-GAN and src/data/process.py of AngusMaiden/complex-FER). The former lists files that differ, such as
`02_236.jpg` and `260_19.png.jpg`; that the latter is code 19 of person 260 is read off the numbers' lengths."""


def cfee(
    faces: FaceSpec,
    *,
    root: str,
    split: Literal["all", "train", "test"] = "all",
    expressions: tuple[str, ...] | None = None,
    codes: tuple[int, ...] | None = None,
    pairs: Direction = "from-neutral",
    pattern: str | None = None,
    test_share: float = 0.1,
    seed: int = 0,
    framing: Literal["auto", "whole", "face"] = "auto",
    cache_gb: float = 4.0,
) -> PhotoFolder:
    """Faces of the Compound Facial Expressions of Emotion database (CFEE, CFEED): 230 people, 22 expressions.

    A photo folder whose file names, such as `02_126_3963.jpg`, say which expression (the code 02: happy) and whose face
    (126) a picture shows. Labels are those of a photo folder: the CSV files that OpenFace's FaceLandmarkImg writes, or
    `labels.csv`; pictures that are not chosen need none. The column `person` and pairs.csv are not read.

    That names are code, person and number of the photograph, two public programs agree on; that the codes 01 to 26
    stand for the 22 expressions as tabled in this module rests on one program's table, which a second confirms in
    part. Compare it with the sheet `summary` of the database's AU_annotation_all_subjects.xls before you publish.

    The paper's supplement names CFEED and not its split: the share of people that a photo folder takes is this
    program's decision.

    Args:
        root: The folder; pictures and labels may lie anywhere below it.
        split: Whose faces: everybody's, or those of the people on one side of the split.
        expressions: Some of neutral, happy, sad, fearful, angry, surprised, disgusted, happily-surprised,
            happily-disgusted, sadly-fearful, sadly-angry, sadly-surprised, sadly-disgusted, fearfully-angry,
            fearfully-surprised, fearfully-disgusted, angrily-surprised, angrily-disgusted, disgustedly-surprised,
            appalled, hatred, awed; null: all.
        codes: Only pictures of these codes, 1 to 26, for one picture of each expression where there are several: sad
            is 3 and 4, sadly-surprised 16 and 17, disgustedly-surprised 18 to 20; null: all.
        pairs: `from-neutral`: each person's neutral picture is the source of a pair with each other picture of the
            person; `to-neutral`: it is the truth; `both`: both.
        pattern: A regular expression for files named otherwise, looked for in each picture's path below the root
            without suffix, upper and lower case alike. The groups `(?P<person>...)` and `(?P<expression>...)` must
            be there; the latter finds a code or an expression's name.
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
        {} if codes is None else {"expression": frozenset(map(plain, codes))},
        chosen_expressions(expressions, GRAMMAR),
        pairs,
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
    """Four drawn faces under names of CFEE's."""
    from efgan_kit.components.datasets.drawing.sample_photos import sample_photos

    return sample_photos(folder, [f"{code:02d}_{person}_1" for person in (110, 126) for code in (1, 2)])


cfee.example = _example  # type: ignore[attr-defined]
