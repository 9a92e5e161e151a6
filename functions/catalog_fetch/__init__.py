"""Brings a provider's catalog in as raw pages."""
