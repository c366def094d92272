"""Routes: legs, who guards them, the odds on them, and others who travel there."""
