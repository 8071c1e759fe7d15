"""The query language: tokenizer, parser, resolver, names, thesaurus, tree; matches and highlights in texts. Pure."""
