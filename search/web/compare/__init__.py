"""Studies, interventions or programmes side by side."""
