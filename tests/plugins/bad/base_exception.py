"""Raises what is no Exception."""

class Moon(BaseException): ...


raise Moon("eclipse")
