"""Firestore, as its official clients see it."""
