"""Everything that is made in the cloud, and the pipeline that makes it."""
