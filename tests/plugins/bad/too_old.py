"""Asks for an efgan-kit of the past.

requires: efgan-kit<0.0.1
"""

raise AssertionError("imported")
