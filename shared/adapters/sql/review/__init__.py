"""Questions that ingestion leaves to a person."""
