"""Asks for an efgan-kit of the future.

requires: efgan-kit>=99
"""

raise AssertionError("imported")
