"""Figures drawn from result tables; matplotlib alone, without pyplot and its global state."""

from abm.plots.standard import draw_standard_plots
