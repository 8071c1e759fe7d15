"""The learning cycle: programmes, and the decisions and answers that rest on studies."""
