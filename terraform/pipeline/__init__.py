"""The pipeline's own steps; ``cloudbuild.yaml`` and docs/deployment.md say when each runs."""
