"""Importing this lets a bench import the helpers of the tests: they know how to start the real servers."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
