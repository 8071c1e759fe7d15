"""What the pages of the workplace share: base classes, form fields, filters, sessions, uploads."""
