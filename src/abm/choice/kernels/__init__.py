"""Compiled aspiration and further attempts."""
