"""Mesa agents as views on rows: offices, posts, agencies and destinations; and districts as cells of a network."""
