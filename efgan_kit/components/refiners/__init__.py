"""Refiners: they merge the branches' initial outputs into the final picture."""
