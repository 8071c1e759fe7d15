"""Files of a list of studies: tables, workbooks, lists of references. The registry names them all."""
