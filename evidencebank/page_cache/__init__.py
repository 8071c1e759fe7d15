"""Public pages that caches, and this process, may keep for as long as the bank stays at the same change."""
