"""Legal ways: contracts, sponsorship, visits and visas for sale."""
