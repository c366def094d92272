"""Enforcement: patrols, circles, leads, cases, courts, and the laws behind them."""
