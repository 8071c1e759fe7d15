"""Imports in the workplace."""
