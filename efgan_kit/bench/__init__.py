"""What things cost: the training step, an edit, the reading of faces, as ratios measured in turns (`efgan bench`)."""
