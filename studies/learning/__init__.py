"""The learning cycle: lineages of programmes, and decisions and answers that depend on studies."""
