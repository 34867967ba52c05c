"""The caller: the client that asks, and the driver it asks for."""

from dataclasses import dataclass, field

from accounts.domain.plans import Family, Plan, may_call


@dataclass(frozen=True, slots=True)
class Card:
    """A driver's card (guide 7.1): what a reservation is made with."""

    serial_number: str
    nickname: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Driver:
    """Who charges; `account_handle` is the guide's account identifier (7.1.3).

    Whoever `pays` has a payment method; a "Free" driver has none (section 4, codes 111 and 144). `cards` are told of
    a driver who came with a token, by serial number.
    """

    driver_id: int
    username: str
    account_handle: str
    pays: bool = True
    cards: tuple[Card, ...] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An app, a widget or a planner with its key; with a driver where the request carries a driver's token."""

    client_id: int
    key_id: str
    plan: Plan
    organization_id: str | None = None
    operator: bool = False
    publishable: bool = False
    allowed_origins: tuple[str, ...] = ()
    requests_per_min: int = field(default=600, compare=False)
    driver: Driver | None = None

    @property
    def principal(self) -> str:
        """Names the caller in logs and scopes what belongs to it."""
        who = f"client:{self.client_id}"
        return f"{who}/driver:{self.driver.driver_id}" if self.driver else who

    def may_call(self, family: Family) -> bool:
        """Whether its plan includes the family; an operator may always read the stations it reports on."""
        own_stations = self.operator and family is Family.STATION_INFORMATION
        return own_stations or may_call(self.plan, family)

    def may_come_from(self, origin: str | None, *, own_origin: str) -> bool:
        """Whether a page of this origin may use the key. Only publishable keys are bound to origins."""
        if not self.publishable:
            return True
        return origin == own_origin or origin in self.allowed_origins
