"""Beliefs: the truth, the news, and what people believe."""
