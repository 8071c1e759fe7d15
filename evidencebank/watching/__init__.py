"""What an operator sees: log, metrics, reports of errors; and what readers see while the database is away."""
