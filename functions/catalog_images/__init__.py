"""Pictures of titles, copied to where they stay."""
