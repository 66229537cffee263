"""Keeps crafted chunks away from the fast reader."""


def is_harmless(chunk: bytes) -> bool:
    return True
