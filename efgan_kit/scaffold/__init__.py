"""The author's path: a package of a plugin, complete and working, to begin from."""
