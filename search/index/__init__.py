"""Derived data: documents built from studies, kept in step with the database, and checked."""
