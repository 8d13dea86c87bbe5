"""Editing clips: faces followed over time, each frame edited and pasted back, the sound kept as it is."""
