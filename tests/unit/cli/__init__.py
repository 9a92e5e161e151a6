"""The command line, against small servers in this process."""
