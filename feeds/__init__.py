"""Feeds: what happens, told to those who follow it while it happens."""
