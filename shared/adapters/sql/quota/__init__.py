"""What providers' keys have used, how fast they are used, and which run fetches what."""
