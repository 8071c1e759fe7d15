"""What the curators of an import are refused, as exceptions. What a format cannot read: `formats.errors`."""


class ImportBatchError(Exception):
    """Root of these exceptions. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ImportRefused(ImportBatchError):
    """The state of the batch does not allow this, or somebody's work would be lost. Nothing was written."""


class LookUpInterrupted(ImportBatchError):
    """The services that know DOIs could not be reached. What was read before is kept."""
