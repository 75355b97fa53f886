"""Python reads this as it starts, where this folder is in its path: see ``tests.crash.removing``."""

import tests.crash.removing

tests.crash.removing.remove_what_the_environment_names()
