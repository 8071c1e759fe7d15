"""Which records may be of one publication, or of one work: candidates with a score and reasons in words. Pure.

`matcher.Matcher` finds them among many records at once; `comparing.compare` compares two. Imports and the search for
duplicates use both.
"""
