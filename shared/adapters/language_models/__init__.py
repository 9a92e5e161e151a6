"""Language models that read questions, over HTTP."""
