"""Listens to what `studies` announces."""


def connect() -> None:
    pass
