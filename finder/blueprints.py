"""The finder's routes, in the order of the API's documentation."""

from finder.bulk_routes import bulk
from finder.journey_routes import journeys
from finder.maintenance_routes import maintenance
from finder.map_routes import maps
from finder.price_routes import prices
from finder.routes import finder
from finder.status_routes import statuses

FINDER = (finder, journeys, maps, statuses, prices, maintenance, bulk)
