"""Who looks at stations, told from who is calling."""

from accounts.guards import calling
from finder.domain.visibility import ANYBODY, Viewer
from finder.indexed import folded


def viewer() -> Viewer:
    """What the caller may see. A publishable key stands in a page that anybody can read, so it sees what all see."""
    caller = calling()
    if caller.publishable:
        return ANYBODY
    return Viewer(folded(caller.organization_id), operator=caller.operator and caller.driver is None)
