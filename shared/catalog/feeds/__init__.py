"""What each provider delivers, as canonical items: one module per provider."""
