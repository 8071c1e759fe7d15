"""For assistants (language models and their programs): a read-only server of the Model Context Protocol.

Only `server` imports the SDK, which is an extra (`requirements-mcp.lock`). Its tools ask the bank's own addresses, so
that they have the rules and limits of the API; no tool writes.
"""
