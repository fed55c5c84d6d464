"""认定: whether somebody was at a point or walked a street, from positions alone, and why not. Pure."""
