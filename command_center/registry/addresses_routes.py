"""HTTP of addresses: from what a caller says to places of the town."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from command_center.access.guard import Who, require
from command_center.registry.addresses import Addresses, AddressView, view
from command_center.registry.door import TownDep

router = APIRouter(prefix="/api/v1/addresses", tags=["registry"])


def get_addresses(request: Request) -> Addresses:
    """What the composition root put at `app.state.addresses`."""
    addresses: Addresses = request.app.state.addresses
    return addresses


@router.get("")
def find_addresses(
    who: Annotated[Who, Depends(require("town.see"))],
    town: TownDep,
    addresses: Annotated[Addresses, Depends(get_addresses)],
    q: Annotated[str, Query(max_length=2000, description="the address as written or said")],
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
    typing: Annotated[bool, Query(description="the text may be the beginning of something")] = False,
) -> AddressView:
    """Places within the caller's area that an address may mean, best first, each with its reasons; changes nothing."""
    return view(addresses.find(town, q, who=who, limit=limit, typing=typing))
