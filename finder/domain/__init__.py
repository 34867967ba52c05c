"""The finder's rules: plain functions and frozen values, no I/O, time passed in."""
