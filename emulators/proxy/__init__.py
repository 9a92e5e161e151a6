"""TLS for Google's host names, so that clients made as in production reach the emulators."""
