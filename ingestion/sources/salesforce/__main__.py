"""Load the source salesforce alone; see --help."""

import sys

from ingestion.command import main

sys.exit(main("salesforce"))
