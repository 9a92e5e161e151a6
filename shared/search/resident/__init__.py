"""The catalogue as a process that searches keeps it in memory."""
