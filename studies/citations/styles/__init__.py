"""Citation styles: a `Reference` in, runs of text out. A new style is one module and one line in the registry."""
