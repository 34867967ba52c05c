"""The rules of who may call what."""
