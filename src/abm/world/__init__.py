"""The world: districts, villages, households, members away, journeys, series, synthesis."""
