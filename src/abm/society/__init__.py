"""Society: how many people there are, where they work, what they earn, save, build and learn."""
