"""Firestore without its wire."""
