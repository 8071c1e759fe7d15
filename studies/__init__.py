"""Records of studies: kept, changed, reviewed, cited and printed. Knows nothing of searching."""
