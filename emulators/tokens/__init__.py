"""Google's token endpoints: grants for access and identity tokens, and acting for an account."""
