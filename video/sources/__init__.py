"""Ways in: one driver per kind of source; each hands out access units of compressed video."""
