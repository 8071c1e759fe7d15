"""The kinds of pages, a module each: a function from the vocabularies to their public pages."""
