"""The exceptions of the imports."""


class IngestError(Exception):
    """Root of what this package raises. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ImportRefused(IngestError):
    """The state of the batch does not allow this, or somebody's work would be lost. Nothing was written."""


class LookUpImpossible(IngestError):
    """The services that know DOIs could not be reached. What was read before is kept."""
