"""`python -m setori` is the command `setori`."""

import sys

from setori.cli import main

sys.exit(main())
