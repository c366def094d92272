"""The compiled household pass."""
