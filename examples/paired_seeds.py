"""What doubling the quotas does, with the same seeds in both scenarios: mean paired difference and 95 % interval."""

import math

import abm

SEEDS = range(1, 6)
STUDENT_T = 2.776  # 95 % interval, four degrees of freedom: five seeds


def irregular_departures(seed: int, levers: str) -> float:
    """Irregular departures of a run, summed over all months."""
    settings = ["end=2012-12", f"levers={levers}", "population.region=catchment"]
    result = abm.run("configs/baseline.yaml", seed=seed, scale=0.002, set=settings, plots=False)
    return float(result.national["irregular_departures"].sum())


more_places = "[{lever: legal_quota, from: 2010-01, value: 2}]"
differences = [irregular_departures(seed, more_places) - irregular_departures(seed, "[]") for seed in SEEDS]
mean = sum(differences) / len(differences)
spread = math.sqrt(sum((value - mean) ** 2 for value in differences) / (len(differences) - 1))
half = STUDENT_T * spread / math.sqrt(len(differences))
print(f"irregular departures, twice the quotas from 2010 on: {mean:,.0f} [{mean - half:,.0f}, {mean + half:,.0f}]")
