"""Ablations: what each part of a recipe does, by taking it away and training again with the same seeds."""
