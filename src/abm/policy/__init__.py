"""Policy: which levers are in force, how strongly, and what they cost."""
