"""What each provider's answers become."""
