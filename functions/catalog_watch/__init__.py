"""Sees when ingestion falls behind."""
