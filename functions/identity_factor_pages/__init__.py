"""Pages on which second factors are set up."""
