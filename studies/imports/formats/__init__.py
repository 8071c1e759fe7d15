"""Readers of reference lists, a module a format. A new format is one module and one line in the registry. Pure."""
