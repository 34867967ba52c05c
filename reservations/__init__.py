"""Hold a port, then reserve it."""
