"""How fast offers end and how late sources are, counted again."""
