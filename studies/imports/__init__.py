"""From a reference list to drafts: a file becomes rows, rows are read and compared, then written or undone."""
