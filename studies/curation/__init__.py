"""Who may do what to a study, and doing it."""
