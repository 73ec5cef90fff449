"""`python -m kitchenwall` is `kitchenwall`."""

import sys

from kitchenwall.cli.main import main

sys.exit(main())
