"""Plots of what was measured: forest plots of effects, learning curves, and their files."""
