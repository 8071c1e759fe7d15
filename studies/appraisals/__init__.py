"""Appraisal of studies: two people judge independently, then agree on a consensus."""
