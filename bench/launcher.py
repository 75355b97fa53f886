"""Starts one command and says what it took; imports little, so that its own memory hides none.

    python -IS bench/launcher.py REPORT COMMAND...

The system counts the memory that a process had before it became the command, too: a large starter would be
measured instead of a small command.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command; write seconds, CPU seconds, peak memory in MB and the exit status to REPORT."""
    report, command = sys.argv[1], sys.argv[2:]
    begun = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    taken = {
        "seconds": time.perf_counter() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is 20 modules more
        json.dump(taken, file)


if __name__ == "__main__":
    main()
