"""The verb on basemaps: from now on these tiles are the ground."""

from collections.abc import Mapping

from sqlalchemy import select

from command_center.registry import tables
from command_center.registry.basemap.facts import basemap_built
from command_center.registry.basemap.queries import KEY, StoredBasemap
from command_center.registry.imports.tables import ImportRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id


def take_basemap(
    tx: Transaction, basemap: StoredBasemap, *, sha256: str, actor: Mapping[str, str] | None = None
) -> None:
    """Use these tiles, list them among the imports, and record `registry.basemap_built`.

    Args:
        basemap: whose file is in place already.
        sha256: of the file it was made from.
    """
    session = tx.session
    session.merge(tables.SettingRow(key=KEY, value=dict(basemap), note=""))
    row = ImportRow(
        id=new_id(),
        kind="basemap",
        file=basemap["file"][:255],
        sha256=sha256,
        datum="wgs84",
        counts={"new": sum(basemap["features"].values()), "changed": 0, "removed": 0},
        actor=(actor or {}).get("name", "")[:64],
        at=tx.now,
    )
    session.add(row)
    area = session.scalar(select(tables.CenterRow.code)) or ""
    tx.emit(basemap_built(id=row.id, version=basemap["version"], actor=actor, area=area))
