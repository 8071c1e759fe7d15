"""Measurements of the bank and all that they need; none of it is part of the site. `python -m benchmarks` runs them."""
