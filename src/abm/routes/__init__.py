"""Routes: legs, the posts that guard them, the odds on them, and transit traffic."""
