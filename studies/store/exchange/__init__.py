"""The only bridge between rows and records of the exchange format (R1)."""
