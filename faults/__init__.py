"""Races and faults as commands with a seed: what the product promises under them, and controls that must fail."""
