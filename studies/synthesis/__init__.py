"""What evaluations found: what counts once, tables, plots, pooling. Pure."""
