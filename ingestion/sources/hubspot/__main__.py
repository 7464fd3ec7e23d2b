"""Load the source hubspot alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("hubspot"))
