"""The map page: our HTML, CSS and scripts, the offline background, and the routes that serve them."""
