"""The household pass: what every household does in a month, in one loop."""
