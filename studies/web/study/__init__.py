"""The page of a study, its citation box, its metadata for programs."""
