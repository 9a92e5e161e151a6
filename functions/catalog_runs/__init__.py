"""Ingestion runs and quotas, for administrators."""
