"""Write the expected words of every case anew, from what the command says now.

Read the difference before you keep it.
"""

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

BAD = Path(__file__).parent
sys.path.insert(0, str(BAD.parent))

from test_bad_input import NAMES, options_of  # noqa: E402

from abm.cli import main  # noqa: E402

os.chdir(BAD)
for name in NAMES:
    words = io.StringIO()
    with contextlib.redirect_stderr(words), tempfile.TemporaryDirectory() as out:
        code = main(["run", f"{name}.yaml", *options_of(name), "--out", out])
    if code != 2:
        sys.exit(f"{name}.yaml: exit code {code}")
    Path(f"{name}.expected").write_text(words.getvalue(), encoding="utf-8")
