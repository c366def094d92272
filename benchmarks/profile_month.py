"""Where a month's time goes: nanoseconds a household-month by mechanism.

    python benchmarks/profile_month.py configs/pakistan_full.yaml --threads 2 --months 12

The first months, which compile and settle, are not counted.
"""

from __future__ import annotations

import argparse
import resource
import time

from abm.config import load_config
from abm.model import Model
from abm.month import MONTH

SETTLING = 2


def main() -> None:
    """Run some months and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    config = load_config(asked.config)
    began = time.perf_counter()
    model = Model(config, threads=asked.threads)
    print(f"synthesis {time.perf_counter() - began:.1f} s, {model.households.wage.size:,} rows")
    spent = dict.fromkeys((mechanism.section for mechanism in MONTH), 0.0)
    household_months = 0
    for month in range(SETTLING + asked.months):
        model.world.open_month()
        for mechanism in MONTH:
            before = time.perf_counter()
            mechanism.step(model.world)
            if month >= SETTLING:
                spent[mechanism.section] += time.perf_counter() - before
        household_months += int(model.villages.awake.sum()) if month >= SETTLING else 0
    for section, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        share = seconds / sum(spent.values())
        each, a_month = seconds / household_months * 1e9, seconds / asked.months * 1e3
        print(f"{section:16} {each:7.2f} ns {a_month:9.1f} ms {share:7.1%}")
    print(f"{'whole month':16} {sum(spent.values()) / household_months * 1e9:7.2f} ns")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB")
    model.close()


if __name__ == "__main__":
    main()
