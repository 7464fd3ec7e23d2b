"""Load the source budget alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("budget"))
