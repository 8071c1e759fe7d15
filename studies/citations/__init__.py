"""References in every format and style: a `Reference` in, text out. Pure."""
