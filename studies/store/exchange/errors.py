"""What the bridge between rows and records refuses."""


class ExchangeError(Exception):
    """Root of what this package raises."""


class UnknownTerm(ExchangeError):
    """A record names a code, programme or study that the bank does not hold. `field` is its path in the record."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
