"""The picture an account is known by."""
