"""Training: the loop, its random streams, its checkpoints and what it leaves in a run folder."""
