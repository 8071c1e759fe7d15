"""Programmes, evaluations, decisions and questions in the workplace."""
