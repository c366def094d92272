"""Compiled effort, leads, raids and judgements."""
