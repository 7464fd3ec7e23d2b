"""One folder per source system; `ingestion.registry.SOURCES` lists them."""
