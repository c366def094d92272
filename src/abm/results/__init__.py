"""Runs on disk: content-addressed folders of documented tables, written whole or not at all."""

from abm.results.checksum import checksum_run, checksum_table
from abm.results.identity import run_id
from abm.results.reader import verify_run
from abm.results.result import Result, read_run
from abm.results.tables import Columns, Tables, to_arrow, to_pandas
from abm.results.writer import StagedRun, stage_run
