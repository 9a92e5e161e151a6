"""Has titles embedded again whose vector another model made."""
