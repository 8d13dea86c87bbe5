"""Export: what a run has learned, for programs that don't have efgan_kit, and for folders that travel."""

from efgan_kit.editing.export.exporting import Exported, export

__all__ = ["Exported", "export"]
