"""Search over arrays: matching, filters, counts, scores and order in numpy, for any engine that can store postings.

Knows no engine and no library of one. An engine implements `segment.Segment` over what it has stored, puts its segments
into a `snapshot.Snapshot` whenever they change, and answers requests with `search.search`. From the storage up:

    segment (what an engine provides) → snapshot, bits → matching, counting → search
    cache (bounded in bytes)   heap (memory back to the system)
"""
