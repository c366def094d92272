"""Made-up columns and tables of the market, beside those of `fake_frames`, for tests of the figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.places.places import places_of

PARTS = {
    "paid_transporters": 0.58, "paid_officials": 0.06, "paid_forgers": 0.07, "paid_associates": 0.13,
    "paid_overhead": 0.05, "paid_money_holders": 0.01, "paid_owners": 0.09,
}  # fmt: skip
"""Shares of the fees; the rest stays with offices and in escrow."""

FEES = {"fee_upfront": 250_000.0, "fee_escrow": 320_000.0, "fee_credit": 400_000.0, "cost_alone": 150_000.0}

BELIEFS = {
    "death_risk": (0.008, 0.005), "failure": (0.45, 0.55), "papers_chance": (0.2, 0.12), "wage": (90_000.0, 80_000.0),
    "sanction": (0.02, 0.02),
}  # fmt: skip
"""What is believed and what is true."""


def add_market(national: pd.DataFrame) -> None:
    """Add the columns of the market to a national table; where nobody leaves, nothing is paid and there is no fee."""
    begun = national["irregular_departures"].to_numpy(dtype=np.int64)
    months, some = len(begun), begun > 0
    time = np.arange(months) / 12
    counts = {
        "onward_departures": 0.15, "departures_alone": 0.1, "departures_escrow": 0.35, "departures_credit": 0.18,
        "irregular_arrivals": 0.6,
        "sent_home": 0.2, "stranded": 0.05, "deaths_en_route": 0.005, "interceptions": 0.7, "stopped_abroad": 0.6,
        "stopped_in_iran": 0.35, "further_attempts": 0.45, "repeat_attempts": 0.1, "offices": 0.3,
        "office_entries": 0.004,
        "office_exits": 0.003, "office_convictions": 0.001,
    }  # fmt: skip
    for name, share in counts.items():
        national[name] = np.round(share * begun).astype(np.int64)
    for name, fee in FEES.items():
        national[name] = np.where(some, fee * (1 + 0.02 * time), np.nan)
    national["concentration_hhi"] = np.where(some, 0.002 + 0.004 * np.exp(-time), np.nan)
    fees = begun * 270_000
    national["fees_paid_by_travellers"] = fees
    for name, share in PARTS.items():
        national[name] = (share * fees).astype(np.int64)
    national["owners_capital"] = fees // 50
    national["seized_from_offices"] = fees // 1000
    national["paid_extortionists"] = fees // 40
    for name, (believed, true) in BELIEFS.items():
        national[f"perceived_{name}"] = true + (believed - true) * np.exp(-time / 5)
        national[f"true_{name}"] = np.where(some, true, np.nan)


def make_legs(national: pd.DataFrame) -> pd.DataFrame:
    """Table by month and leg."""
    legs = places_of().legs
    months = len(national)
    entered = np.outer(national["irregular_departures"].to_numpy(), np.full(len(legs), 0.2)).astype(np.int64)
    odds = np.tile([leg.interception for leg in legs], (months, 1))
    return pd.DataFrame(
        {
            "month": np.repeat(national["month"].to_numpy(), len(legs)),
            "leg": pd.Categorical(np.tile([leg.key for leg in legs], months)),
            "entered": entered.ravel(),
            "interceptions": (entered * odds).astype(np.int64).ravel(),
            "deaths": (entered * 0.001).astype(np.int64).ravel(),
            "held": (entered * 0.005).astype(np.int64).ravel(),
            "interception_probability": odds.ravel(),
            "effort": np.ones(entered.size),
            "bribes": (entered * 2_000).ravel(),
        }
    )
