"""Syntheses of the evidence: of a theme, an intervention or any criteria; and the list behind each number."""
