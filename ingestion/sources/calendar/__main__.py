"""Load the source calendar alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("calendar"))
