"""What processes that keep the catalog in memory read: all titles, and which changed since."""
