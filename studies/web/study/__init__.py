"""The page of a study, with its citation box, plots, history and metadata; and the study as a file."""
