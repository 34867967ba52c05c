"""Who is calling: organizations, service plans, API clients, drivers, cards, tokens."""
