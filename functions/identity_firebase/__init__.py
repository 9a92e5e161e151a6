"""Lets clients listen to their own documents in Firestore."""
