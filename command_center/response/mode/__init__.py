"""平时、战时: in which of its two modes a center works, who said so and why."""
