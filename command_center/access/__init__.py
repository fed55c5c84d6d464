"""权限: who is signed in, what the role may do, which area is seen, and what was looked at."""
