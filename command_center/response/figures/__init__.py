"""统计: the figures of the cases, each with what it is reckoned from and the cases behind it."""
