"""From words to a query tree: tokenizer, parser, resolver, names, thesaurus; and the words found again in a text."""
