"""The site as a whole: settings, addresses, middleware, the first page and the pages of text."""
