"""Mesa agents as views on rows (offices, posts, agencies, destinations), and districts as cells of a network."""
