"""Search in numpy arrays: matching, filtering, counting, scoring and sorting, for any engine that stores postings.

Imports no engine and no search library. An engine implements `segment.Segment` over what it has stored, builds a
`snapshot.Snapshot` of its segments whenever they change, and answers requests with `search.search`. From storage up:

    segment (what an engine provides) → snapshot, bits → occurrences → matching, counting → search
    words (files of postings, which an engine may use)
    cache (bounded in bytes)   heap (returns memory to the system)
"""
