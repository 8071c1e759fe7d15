"""Django's database backend for PostgreSQL, which refuses at once while the server is known to be away."""
