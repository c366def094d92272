"""The household pass: everything a household does in a month, in one loop."""
