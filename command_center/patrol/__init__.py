"""巡防: mandatory points, the duties that come of them each day, and visits proved by positions alone."""
