"""What a number of viewers needs and costs: ``python -m terraform.capacity``."""
