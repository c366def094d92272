"""Mesa agents as views on rows, districts as cells of a network, and the roster that keeps agents in step with rows."""
