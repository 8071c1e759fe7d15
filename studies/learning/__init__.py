"""The learning cycle: programmes, questions, decisions, and what rests on studies."""
