"""How the people of the workplace come in: limits on failed sign-ins, passwords, sessions, and a log of all these."""
