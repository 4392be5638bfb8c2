"""Reading the dialogue."""
