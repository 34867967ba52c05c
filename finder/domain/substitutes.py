"""Substitutes: which of a station's ports serves a driver as well as the one that he cannot have."""

from collections.abc import Iterable

from finder.domain.station import Port


def serves_as_well(port: Port, lost: Port) -> bool:
    """Every plug of the lost port, and at least its power; where one of them is not known, the same level."""
    has_plugs = set(lost.connectors) <= set(port.connectors)
    if not lost.connectors or lost.power_kw is None:
        has_plugs = has_plugs and port.level is lost.level
    return has_plugs and (lost.power_kw is None or (port.power_kw is not None and port.power_kw >= lost.power_kw))


def substitutes(ports: Iterable[Port], lost: Port) -> tuple[Port, ...]:
    """The other ports that serve as well, those with the least power to spare first."""
    fit = (port for port in ports if port.port_number != lost.port_number and serves_as_well(port, lost))
    return tuple(sorted(fit, key=lambda port: (port.power_kw or 0, port.port_number)))
