"""Editing: a face and its target AUs in, the whole picture back."""

from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face

__all__ = ["EditedFace", "Editor", "Face"]
