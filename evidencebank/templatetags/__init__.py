"""Template tags of the layout: title and description of a page, for its head and for the card of a shared link."""
