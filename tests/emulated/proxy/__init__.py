"""TLS, credentials and the whole way of a client that is made as in production."""
