"""Title and description of a page, for browsers and for the card of a shared link."""
