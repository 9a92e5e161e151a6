"""``python -m terraform.capacity``: what so many viewers need, cost, and what gives way first."""

import sys

from terraform.capacity.report import main

raise SystemExit(main(sys.argv[1:]))
