"""Law: laws in force, and the agencies in charge."""
