"""Abroad: destinations, the diaspora, return, money sent and debts collected there."""
