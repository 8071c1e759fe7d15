"""Programmes, evaluations, concepts of the thesaurus and decisions in the workplace."""
