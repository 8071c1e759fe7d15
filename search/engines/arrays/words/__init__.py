"""The words of a segment in a file of ours: tokens, where they stand, and their positions. Knows no engine.

A word has one token under each rule set. Their postings are the same, so they are stored once for each pair of tokens,
and a token's are those of all its pairs: half the size and half the writing of two lists.

    numbers (arrays on disk) → layout (parts of the file) → reader, writer
"""
