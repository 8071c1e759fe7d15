"""The Django project: settings, addresses, middleware, the first page and the pages of text."""
