"""Terraform, planned without a cloud."""
