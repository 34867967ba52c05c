"""Rules of the live stream: who wants to hear of what, and what can be told again."""
