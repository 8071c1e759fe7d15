"""Bulk work in the workplace: one action on many studies."""
