"""What in the bank needs attention: conditions with their lists, and links that lead nowhere."""
