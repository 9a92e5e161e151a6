"""Starts runs of ingestion."""
