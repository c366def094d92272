"""Departure: options to leave, and the refusal, payment and departure of those who chose one."""
