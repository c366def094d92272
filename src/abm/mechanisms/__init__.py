"""Mechanisms: one file each, with its parameters, outcomes, levers and its part of the month."""
