"""Rules that read one kind of thing each, at one word of a question."""
