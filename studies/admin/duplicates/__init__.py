"""Pairs that may be one study, in the workplace."""
