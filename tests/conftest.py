"""Settings for the whole suite."""

import os

import hypothesis

os.environ.setdefault("MPLBACKEND", "Agg")

# No deadline: the first example may compile a kernel. The same examples every time in CI: a red run is one's own doing.
hypothesis.settings.register_profile("abm", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("abm")
