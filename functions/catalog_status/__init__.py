"""How far ingestion has come."""
