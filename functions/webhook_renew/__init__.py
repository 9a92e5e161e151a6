"""Renews subscriptions to YouTube's hub."""
