"""Imports a package that is not installed, and that its metadata names as an extra.

requires: nothing-of-the-kind>=1; extra == "far"
"""

import nothing_of_the_kind  # noqa: F401
