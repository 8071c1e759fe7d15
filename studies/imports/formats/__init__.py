"""Reference lists in the formats that they come in. A new format is one module and one line in the registry. Pure."""
