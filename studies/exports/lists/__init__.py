"""Lists of references in a citation style, as text, HTML and Word."""
