"""A small language model's wire, without the model."""
