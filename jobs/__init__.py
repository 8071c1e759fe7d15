"""Work that no page waits for: a table of jobs, the kinds of work, and the worker that does it.

Knows nothing of studies: the kinds are registered by `evidencebank.job_kinds`.
"""
