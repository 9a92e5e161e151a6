"""The pipeline's calls over HTTP."""
