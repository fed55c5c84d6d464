"""Bringing a town in 导入: files of villages, grids, roads, places, people, cameras become the registry.

A file is read (`files`), its columns are matched (`columns`), its places become WGS84 (`where`), each row becomes a
record or is named as bad (`kinds`), records are compared with what is stored (`plan`), then stored (`commands`).
"""
