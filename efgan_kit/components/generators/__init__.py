"""Generators: they edit one region of a face. The paper calls them the Expression Transformer."""
