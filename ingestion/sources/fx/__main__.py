"""Load the source fx alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("fx"))
