"""Mesa agents: smuggler offices and destinations, and districts as cells of a network."""
