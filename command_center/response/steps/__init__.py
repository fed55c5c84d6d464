"""办理: every step of every way of working, offered to those who may take it and taken by one command."""
