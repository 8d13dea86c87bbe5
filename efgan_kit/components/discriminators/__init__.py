"""Discriminators: critics that tell real pictures from edited ones, and may read AUs off them."""
