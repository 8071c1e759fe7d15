"""Record linkage: which records may be one publication or one work, with score and reasons. Pure.

`matcher.DuplicateMatcher` finds candidates among many records, `comparing.compare_records` compares two. Imports and
the search for duplicates use both.
"""
