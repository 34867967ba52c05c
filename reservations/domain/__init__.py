"""The rules of reserving: plain functions and frozen values, no I/O, time passed in."""
