"""One folder per deployable, each declared by its `function.yaml`."""
