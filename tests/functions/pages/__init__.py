"""Our own pages in a browser that people use."""
