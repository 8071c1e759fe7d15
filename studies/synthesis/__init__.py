"""Evidence synthesis: which evaluations count once, tables, plots and pooled means. Pure."""
