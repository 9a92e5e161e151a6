"""What a question asks for: a grammar of our own, and a tagger for what it cannot read."""
