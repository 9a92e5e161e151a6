"""Subscriptions of accounts that are gone."""
