"""The routes of reservations, in the order of the API's documentation."""

from reservations.history_routes import history
from reservations.opening_routes import openings
from reservations.policy_routes import policies
from reservations.routes import reservations

RESERVATIONS = (openings, reservations, history, policies)
