"""Law: which laws are in force, and who is in charge."""
