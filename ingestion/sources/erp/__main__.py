"""Load the source erp alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("erp"))
