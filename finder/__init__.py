"""Find a station: the read side of the network, and its upkeep."""
