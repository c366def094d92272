"""What studies say: comparisons with the reference and sensitivity to factors. Returns tables; `abm.plots` draws."""
