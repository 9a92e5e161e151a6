"""The supervisor of the local cloud: ordered start, restarts, provisioning, ordered end."""
