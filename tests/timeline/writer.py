"""A process that only writes: `python -m tests.timeline.writer URL NAME COUNT`."""

import sys

from tests.timeline.ledger import enter, open_ledger

if __name__ == "__main__":
    url, name, count = sys.argv[1:]
    timeline = open_ledger(url)
    for index in range(int(count)):
        with timeline.transaction() as tx:
            enter(tx, name=f"{name}-{index}")
    timeline.close()
