"""Metrics: the figures of a finished run. Each names the values of an evaluation that it wants."""
