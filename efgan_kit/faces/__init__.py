"""The domain's own words: action units, landmarks, regions. No training in it."""
