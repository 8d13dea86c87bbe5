"""Interpolators between AU vectors, and the discriminator that judges what they return."""
