"""What consumers could not take in: kept, delivered again, and shown to administrators."""
