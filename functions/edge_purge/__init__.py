"""What the gateway keeps, forgotten when it is no longer true."""
