"""Keys of users' programs."""
