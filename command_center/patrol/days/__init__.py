"""勤务日报: a day of patrol as it was planned and as it was delivered, and its positions played again."""
