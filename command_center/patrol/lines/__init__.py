"""必巡线路: streets that must be walked at certain times of the day."""
