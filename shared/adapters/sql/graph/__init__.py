"""Titles as a graph: what it is made from, the edges, and what answers read of them."""
