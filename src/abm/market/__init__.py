"""The smuggling market: offices, offers, clients, fees, entry and exit."""
