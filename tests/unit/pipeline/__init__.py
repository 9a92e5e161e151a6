"""The pipeline's own steps."""
