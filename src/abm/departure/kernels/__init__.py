"""Compiled choice among options, and payment of departures."""
