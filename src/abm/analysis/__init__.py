"""Comparisons of scenarios and sensitivity to factors, from the runs of a study; returns tables."""
