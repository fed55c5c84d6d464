"""底数: the town as everybody else takes it for granted — its areas, roads, places, cameras, people and catalogues."""
