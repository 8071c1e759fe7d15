"""The exceptions of the formats. Their sentences are for curators, so they are in Spanish."""


class ImportFormatError(Exception):
    """Root of these exceptions. `reason` is a sentence for the curator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileUnreadable(ImportFormatError):
    """Nothing of the file can be taken: it is too large, of another type, or broken from the start."""


class RowInvalid(ImportFormatError):
    """One reference cannot be taken. `field` is a key of the record, or empty for the whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
