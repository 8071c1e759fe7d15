"""Studies or interventions side by side."""
