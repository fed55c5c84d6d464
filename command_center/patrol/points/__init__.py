"""必巡点位: places where somebody must be at certain times of the day."""
