"""``python -m abm``: the same as the command ``abm``."""

import sys

from abm.cli import main

sys.exit(main())
