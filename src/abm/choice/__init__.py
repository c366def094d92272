"""Choice: aspiration, the demonstration effect, ties, and the choice of a channel."""
