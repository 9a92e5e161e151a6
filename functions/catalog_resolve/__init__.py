"""Finds out which titles a page of items speaks of, and stores them."""
