"""Visibility: who finds a station. The guide keeps it apart from who may charge there (1.2.3.1)."""

from dataclasses import dataclass

from finder.domain.station import Access, Visibility


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: everybody sees what is for everyone, an organization (its id folded) its own too, an operator all.

    Nobody sees a demonstration unit: it is found by its serial number alone (guide 6.1.2 demoSerialNumber).
    """

    organization_id: str | None = None
    operator: bool = False

    def sees(self, visibility: Visibility, organization_id: str | None) -> bool:
        """Whether a station of this organization is seen."""
        if visibility is not Visibility.OWNER:
            return visibility is Visibility.EVERYONE
        return self.operator or (bool(organization_id) and organization_id == self.organization_id)


ANYBODY = Viewer()


def usual(access: Access) -> Visibility:
    """Who finds a station where its source says only who may charge there: the others need not see it (1.2.3.1)."""
    return Visibility.EVERYONE if access is Access.PUBLIC else Visibility.OWNER
