"""Second factors: authenticator apps and backup codes; proving again who one is."""
