"""The demo network: made-up stations, keys and a driver, so that everything can be tried at once."""
