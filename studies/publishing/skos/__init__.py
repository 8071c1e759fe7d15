"""The vocabularies and the thesaurus as SKOS, for catalogues of others: Turtle and JSON-LD at one address.

`graph` says what is stated, `writers` how it is written, `views` answers. Source of the rules: the SKOS Reference of
the W3C (2009).
"""
