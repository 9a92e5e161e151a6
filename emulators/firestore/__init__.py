"""Firestore: documents, transactions, queries and listeners, as Google's own clients call them."""
