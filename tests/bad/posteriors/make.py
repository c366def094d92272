"""Make the files of draws beside this one: one that is right, one without seeds, and one with faults."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config import Config
from abm.config.posterior import METADATA, Posterior, write_posterior

HERE = Path(__file__).parent
CENTRE = {"channel.gain": 1.0, "labour.job_growth": 0.03}
VALUES = [[0.8, 0.02], [1.0, 0.035], [1.1, 0.025], [1.3, 0.04]]


def make(name: str, seeds: tuple[int, ...] = ()) -> None:
    """Write a posterior that is right."""
    values = pa.array(VALUES).flatten().to_numpy().reshape(len(VALUES), -1)
    found = Posterior(name, "abm calibrate", "0.1.0", 2018, CENTRE, tuple(CENTRE), values, seeds)
    write_posterior(found, HERE / f"{name}.parquet", Config)


make("good", (11, 12, 13, 14))
make("without_seeds")
facts = {"name": "wrong", "made_by": "", "code": "", "until": 2018, "checksum": "", "centre": {"channel.gian": 1.0}}
columns = {
    "draw": [0, 1],
    "channel.gian": [1.0, 1.1],
    "labour.job_growth": [0.03, 0.3],
    "levers.jobs.value": [0.0, 0.1],
}
table = pa.table(columns).replace_schema_metadata({METADATA: json.dumps(facts)})
pq.write_table(table, HERE / "wrong.parquet")
