"""Runs on disk: content-addressed folders of documented tables, written whole or not at all."""

from abm.results.manifest import run_id
from abm.results.result import Result, read_run, verify_run
from abm.results.tables import Tables, checksum_run, checksum_table, to_arrow, to_pandas
from abm.results.writer import StagedRun, stage_run
