"""A linear-chain tagger: which words of a question name what."""
