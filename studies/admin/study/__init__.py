"""Studies in the workplace: list, form, history, notes, moves, queue."""
