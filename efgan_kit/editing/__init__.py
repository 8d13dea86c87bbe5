"""Editing: a face and its target AUs in, the whole picture back."""

from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photos import Photo, faces_in_photo, open_photo, pasted

__all__ = ["EditedFace", "Editor", "Face", "Photo", "faces_in_photo", "open_photo", "pasted"]
