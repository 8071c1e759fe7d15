"""Proposals for published studies in the workplace."""
