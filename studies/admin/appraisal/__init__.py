"""Appraising in the workplace: instruments, assessments, consensus."""
