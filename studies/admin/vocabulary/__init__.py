"""Vocabularies in the workplace."""
