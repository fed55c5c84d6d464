"""`python -m command_center.timeline URL`: bring the tables of a database up to date and say how far its log is."""

import sys

from command_center.timeline.store import open_timeline

if __name__ == "__main__":
    timeline = open_timeline(sys.argv[1])
    print(timeline.engine.url.render_as_string())
    timeline.close()
