"""How the tagger's weights are learned from labelled sentences."""
