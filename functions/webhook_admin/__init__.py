"""Which platforms may push, and what became of their notices."""
