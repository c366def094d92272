"""Diffusion of what is seen: from villages to districts, between adjacent districts, and back to villages."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel, making


@kernel
def mean_over_neighbours(
    values: np.ndarray, indptr: np.ndarray, indices: np.ndarray, weight: np.ndarray, out: np.ndarray
) -> None:
    """Mean of the adjacent districts' values, by weight of the shared border; own value where there is none."""
    for d in range(values.size):
        if indptr[d] == indptr[d + 1]:
            out[d] = values[d]
            continue
        total = 0.0
        for j in range(indptr[d], indptr[d + 1]):
            total += weight[j] * values[indices[j]]
        out[d] = total


@kernel
def means_over_neighbours(
    values: np.ndarray, indptr: np.ndarray, indices: np.ndarray, weight: np.ndarray, out: np.ndarray
) -> None:
    """Fill `mean_over_neighbours` of each row of values by district."""
    for k in range(len(values)):
        mean_over_neighbours(values[k], indptr, indices, weight, out[k])


@kernel
def lowest_neighbour(values: np.ndarray, indptr: np.ndarray, indices: np.ndarray, found: np.ndarray) -> None:
    """Find the adjacent district with the lowest value, the first of those, of each district; itself without one."""
    for d in range(values.size):
        found[d] = d
        for j in range(indptr[d], indptr[d + 1]):
            if j == indptr[d] or values[indices[j]] < values[found[d]]:
                found[d] = indices[j]


@making
def sum_visible_by_district(villages, visible: np.ndarray) -> None:
    """Mean visibility of houses of each district, by households, in order of the villages."""
    households = np.zeros(visible.size)
    visible[:] = 0.0
    for v in range(villages.district.size):
        d = villages.district[v]
        households[d] += villages.awake[v]
        visible[d] += villages.visible[v] * villages.awake[v]
    for d in range(visible.size):
        visible[d] /= max(households[d], 1.0)


@making
def migrants_by_district(villages, share: np.ndarray) -> None:
    """Fill the share of households with a member abroad or under way of each district, in order of the villages."""
    households = np.zeros(share.size)
    share[:] = 0.0
    for v in range(villages.district.size):
        d, size = villages.district[v], np.float64(villages.awake[v])
        share[d] += villages.migrant_share[v] * size
        households[d] += size
    for d in range(share.size):
        share[d] /= max(households[d], 1.0)


@kernel
def relax_field(villages, own_weight: float, from_district: np.ndarray, rise: float, decay: float) -> None:
    """Move the demonstration field of each village towards what it sees.

    Parameters
    ----------
    villages
        Columns ``demonstration`` (changed), ``visible``, ``district``.
    own_weight
        Weight of the village's own visible houses.
    from_district
        What district, neighbours and media add, by district.
    rise, decay
        Share of the gap closed in a month, upwards and downwards.
    """
    for v in range(villages.district.size):
        target = own_weight * villages.visible[v] + from_district[villages.district[v]]
        field = np.float64(villages.demonstration[v])
        gap = target - field
        villages.demonstration[v] = np.float32(field + (rise if gap > 0.0 else decay) * gap)
