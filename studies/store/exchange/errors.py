"""The exceptions of the conversion between rows and records."""


class ExchangeError(Exception):
    """Base class of the exceptions of this package."""


class UnknownTerm(ExchangeError):
    """A record names a code, programme or study that the bank does not hold. `field` is its path in the record."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
