"""The result page, suggestions, zero results, exports."""
