"""Runs one command and writes what it cost: measure.py REPORT CPU_LIMIT_SECONDS COMMAND...

A process of its own, without numpy and as small as Python gets: Linux starts a child's peak memory with what its
parent held when it called exec, so a parent with the data in memory would be the peak of every peer. Figures below
about 10 MB cannot be told apart. CPU time is that of the command and of the children it waited for.
"""
import os
import resource
import sys
import time

report, limit, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
begin = time.monotonic()
child = os.fork()
if child == 0:
    if limit > 0:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))  # a signal first, then the end
    try:
        os.execvp(command[0], command)
    except OSError as failure:
        print(f"{command[0]}: {failure.strerror}", file=sys.stderr)
        os._exit(127)
_, status, used = os.wait4(child, 0)
with open(report, "w") as out:
    out.write(f'{{"code": {os.waitstatus_to_exitcode(status)}, "cpu_seconds": {used.ru_utime + used.ru_stime:.3f}, '
              f'"peak_mb": {used.ru_maxrss / 1024:.1f}, "wall_seconds": {time.monotonic() - begin:.3f}}}\n')
