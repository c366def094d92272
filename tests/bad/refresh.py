"""Write the expected words of every case anew, from what the command says now.

Read the difference before you keep it.
"""

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path.insert(0, str(TESTS))

from test_bad_input import BAD, NAMES, options_of  # noqa: E402
from test_experiments import BAD_EXPERIMENTS, BAD_NAMES  # noqa: E402

from abm.cli import main  # noqa: E402

with tempfile.TemporaryDirectory() as out:
    cases = [(BAD, name, ["run", f"{name}.yaml", *options_of(name), "--out", out]) for name in NAMES]
    cases += [(BAD_EXPERIMENTS, name, ["validate", f"{name}.yaml"]) for name in BAD_NAMES]
    for folder, name, command in cases:
        os.chdir(folder)
        words = io.StringIO()
        with contextlib.redirect_stderr(words):
            code = main(command)
        if code != 2:
            sys.exit(f"{name}.yaml: exit code {code}")
        (folder / f"{name}.expected").write_text(words.getvalue(), encoding="utf-8")
