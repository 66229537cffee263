"""`python -m backuptrace`: the same as the command `backuptrace`."""

from __future__ import annotations

import sys

from backuptrace.cli.main import main

sys.exit(main())
