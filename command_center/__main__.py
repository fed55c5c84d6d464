"""`python -m command_center` is the same as `yiping`."""

from command_center.cli import app

app()
