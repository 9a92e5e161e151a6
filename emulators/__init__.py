"""A local cloud that speaks the wire protocols of Google Cloud."""
