"""The sample catalogue: real titles with generated synopses and offers."""
