"""From criteria to studies: read the words, look up the codes, ask the engine, fetch the rows."""
