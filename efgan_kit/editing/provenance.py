"""What an edited picture says of itself, and what it keeps of its original's metadata.

Tags: Exif 3.0; XMP part 2 (xmpMM:History); IPTC Photo Metadata 2025.1, whose Digital Source Type for a picture that
was partly made by a trained model is compositeWithTrainedAlgorithmicMedia.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree

import attrs
from PIL import ExifTags, Image

from efgan_kit.registry.distributions import OWN, version_of

SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NAMESPACES: Final = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
STALE: Final = (
    ("Iptc4xmpExt", "DigitalSourceType"),
    ("Iptc4xmpExt", "AISystemUsed"),
    ("Iptc4xmpExt", "AISystemVersionUsed"),
    ("xmp", "Thumbnails"),
    ("tiff", "Orientation"),
    ("xmpNote", "HasExtendedXMP"),
)
"""What an original's XMP says that is not true of the edited picture."""
LAYOUT: Final = frozenset(
    {*range(254, 260), 262, 263, 266, 273, 274, 277, 278, 279, 284, *range(288, 294), 317}
    | {*range(320, 326), 330, *range(332, 340), 347, *range(512, 522), *range(529, 533), 700, 34377, 34675}
)
"""Tags of the main directory that say how a file's pixels are stored, or hold a profile, XMP or Photoshop's thumbnail:
those of the new file are its own."""
INTEROPERABILITY: Final = 0xA005
PACKET: Final = ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n', '\n<?xpacket end="w"?>')


@attrs.frozen
class Provenance:
    """How a picture was edited.

    Attributes:
        run: The name of the run that edited it.
        edits: What was asked for, a clause for each face.
        precision: What it was computed in.
    """

    run: str
    edits: tuple[str, ...] = ()
    precision: str = "fp32"

    @property
    def software(self) -> str:
        return f"efgan_kit {version_of(OWN)}"

    @property
    def sentence(self) -> str:
        """What a person reads: `face edited with efgan_kit 0.1.0, run mine in bf16: AU12 0.10 -> 0.80`."""
        asked = f": {'; '.join(self.edits)}" if self.edits else ""
        computed = f" in {self.precision}" if self.precision != "fp32" else ""
        return f"face edited with {self.software}, run {self.run}{computed}{asked}"


def copied_exif(image: Image.Image) -> Image.Exif:
    """A picture's EXIF without thumbnails, orientation and the layout of its file, free of the file itself."""
    original, copy = image.getexif(), Image.Exif()
    for tag, value in original.items():
        if tag not in LAYOUT and tag not in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            copy[tag] = value
    for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        entries: dict[int, Any] = dict(original.get_ifd(directory))
        if INTEROPERABILITY in entries and not isinstance(entries[INTEROPERABILITY], dict):
            entries[INTEROPERABILITY] = dict(original.get_ifd(INTEROPERABILITY))
        if entries:
            copy[directory] = entries
    return copy


def exif_of(provenance: Provenance, original: Image.Exif | None, size: tuple[int, int]) -> Image.Exif:
    """The edited picture's EXIF: the original's, if it is kept, with the editor as the software.

    Args:
        size: Width and height of the picture.
    """
    exif = Image.Exif()
    for tag, value in original.items() if original is not None else ():
        exif[tag] = dict(value) if isinstance(value, dict) else value
    camera = exif.get(ExifTags.IFD.Exif)
    if isinstance(camera, dict) and ExifTags.Base.ExifImageWidth in camera:
        camera[ExifTags.Base.ExifImageWidth], camera[ExifTags.Base.ExifImageHeight] = size
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.Software] = f"{provenance.software} (face edited)"
    return exif


def xmp_of(provenance: Provenance, original: bytes | None) -> bytes:
    """The edited picture's XMP packet: the original's, if it is kept and can be read, and what was done."""
    root = _parsed(original)
    rdf = root.find(_name("rdf", "RDF")) if root is not None else None
    if root is None or rdf is None:
        root = ElementTree.Element(_name("x", "xmpmeta"))
        rdf = ElementTree.SubElement(root, _name("rdf", "RDF"))
    _drop_stale(rdf)
    description = ElementTree.SubElement(rdf, _name("rdf", "Description"), {_name("rdf", "about"): ""})
    for prefix, name, text in (
        ("Iptc4xmpExt", "DigitalSourceType", SOURCE_TYPE),
        ("Iptc4xmpExt", "AISystemUsed", f"efgan_kit, run {provenance.run}"),
        ("Iptc4xmpExt", "AISystemVersionUsed", provenance.software.split()[-1]),
    ):
        ElementTree.SubElement(description, _name(prefix, name)).text = text
    events = rdf.find(f".//{_name('xmpMM', 'History')}/{_name('rdf', 'Seq')}")
    if events is None:
        history = ElementTree.SubElement(description, _name("xmpMM", "History"))
        events = ElementTree.SubElement(history, _name("rdf", "Seq"))
    event = ElementTree.SubElement(events, _name("rdf", "li"), {_name("rdf", "parseType"): "Resource"})
    for name, text in (
        ("action", "edited"), ("softwareAgent", provenance.software), ("parameters", provenance.sentence)
    ):  # fmt: skip
        ElementTree.SubElement(event, _name("stEvt", name)).text = text
    packet = ElementTree.tostring(root, encoding="unicode")
    return f"{PACKET[0]}{packet}{PACKET[1]}".encode()


def _parsed(packet: bytes | None) -> ElementTree.Element | None:
    """The packet's `x:xmpmeta`; None if there is none that can be read."""
    for prefix, uri in NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    if not packet or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return None
    try:
        text = packet.strip(b"\x00 \r\n\t")
        for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(text), events=["start-ns"]):
            if prefix and uri not in NAMESPACES.values():
                with contextlib.suppress(ValueError):  # ns0 and the like are ElementTree's own
                    ElementTree.register_namespace(prefix, uri)
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag == _name("rdf", "RDF"):
        whole = ElementTree.Element(_name("x", "xmpmeta"))
        whole.append(root)
        return whole
    return root if root.tag == _name("x", "xmpmeta") else None


def _drop_stale(rdf: ElementTree.Element) -> None:
    names: Sequence[str] = [_name(*stale) for stale in STALE]
    for description in rdf.findall(_name("rdf", "Description")):
        for name in names:
            description.attrib.pop(name, None)
            for element in description.findall(name):
                description.remove(element)


def _name(prefix: str, name: str) -> str:
    return f"{{{NAMESPACES[prefix]}}}{name}"
