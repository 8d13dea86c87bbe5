import nothing_of_the_kind  # noqa: F401
