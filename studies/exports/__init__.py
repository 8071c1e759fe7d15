"""Downloads of a list of studies: tables, workbooks, lists of references. `registry` has all formats."""
