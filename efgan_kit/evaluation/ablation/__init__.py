"""Ablations: what each part of a recipe earns, told in statistics, plots and pages."""
