"""Where things are: districts, destinations, routes and legs, and the series of the world, from data and YAML."""
