"""Calls itself for ever."""

def deeper():
    return deeper()


deeper()
