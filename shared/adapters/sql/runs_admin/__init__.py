"""Ingestion as administrators see it: runs, and what is left of providers' quotas."""
