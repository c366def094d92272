"""Abroad: destinations, the diaspora, return, remittances and debt collection."""
