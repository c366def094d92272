"""Choice: aspiration, the demonstration effect, ties, and the channel that a household chooses."""
