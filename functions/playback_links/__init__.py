"""How titles are opened where they can be watched."""
