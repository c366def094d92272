"""Society: population, work, income, saving, house building and training."""
