"""Vertex AI: Vector Search and text embeddings."""
