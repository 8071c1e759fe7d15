"""Template filters and tags, for the pages (`bank`) and for the workplace (`workplace`)."""
