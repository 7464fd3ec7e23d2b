"""Load the source files alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("files"))
