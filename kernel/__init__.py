"""What several packages need and that knows no noun of the trade."""
