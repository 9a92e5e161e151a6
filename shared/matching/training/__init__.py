"""How the weights of `shared.matching.weights` are learned from labelled pairs."""
