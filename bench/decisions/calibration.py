#!/usr/bin/env python3
"""Replays one row of rows.py per log and holds its forecast quantiles to their levels; exit code 1 when one is off.

  calibration.py [--only GLOB] [--first-half] [--within 0.03] [--jobs N] [--work DIR] [--forestage PATH] [--interval SECONDS]

Of each class of forecast mean (below 1, below 10, 10 and more requests an interval) with at least --least intervals of keys: the
share of counts at or below each quantile (randomised probability integral transform, its expectation) less the level. The data is
in $FORESTAGE_SHARED/data (default ../shared/data). --first-half cuts each log at the middle of its time: for tuning.
"""
import argparse, fnmatch, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rows as table
from decisions import copy_of, needs_copy

SHOWN = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def interval_of(name):
    return 900 if name.split('_')[0] in ('flights', 'w3c', 'raku') else table.LOGS[name][3]


def replay(name, options):
    file, columns, where, _ = table.LOGS[name]
    log = os.path.join(options.data, file)
    if not os.path.exists(log):
        return None
    copied = needs_copy(name, options.first_half)
    if copied:
        log = copy_of(name, log, options.work, options.first_half)
    page = os.path.join(options.work, f'{name}.html')
    seconds = options.interval or interval_of(name)
    command = ['nice', '-n', '10', options.forestage, 'replay', log, '--columns', columns, '--interval', str(seconds), '--warmup', '50%',
               '--threads', '1', '--yardsticks', 'none', '--report', page]
    if where and not copied:
        command += ['--where', where]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return f'replay failed ({done.returncode}): {done.stderr.strip()[-200:]}'
    with open(page, encoding='utf-8') as text:
        return json.loads(re.search(r'<script[^>]*id="forestage-data"[^>]*>(.*?)</script>', text.read(), re.S)[1])['calibration']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', default='*', help='logs by name; alternatives by |')
    parser.add_argument('--first-half', action='store_true')
    parser.add_argument('--within', type=float, default=0.03)
    parser.add_argument('--least', type=int, default=1000)
    parser.add_argument('--interval', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--work', default='build/calibration')
    parser.add_argument('--forestage', default='build/release/tools/forestage')
    options = parser.parse_args()
    shared = os.environ.get('FORESTAGE_SHARED', '../shared')
    options.data = os.path.join(shared, 'data')
    if not os.path.isdir(options.data):
        print(f'calibration: NOT COMPARED: there is no real data at {shared}')
        return 0
    os.makedirs(options.work, exist_ok=True)
    names = [name for name in table.LOGS if any(fnmatch.fnmatchcase(name, pattern) for pattern in options.only.split('|'))]
    for name in names:
        source = os.path.join(options.data, table.LOGS[name][0])
        if needs_copy(name, options.first_half) and os.path.exists(source):
            copy_of(name, source, options.work, options.first_half)
    print('| log, interval | forecast mean | key-intervals | ' + ' | '.join(f'{level:g}' for level in SHOWN) + ' | worst |')
    print('|---|---|---|' + '---|' * (len(SHOWN) + 1))
    off = classes = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, result in zip(names, pool.map(lambda each: replay(each, options), names)):
            if not isinstance(result, list):
                print(f'| {name} | {result or "not there"} |')
                off += result is not None
                continue
            for each in result:
                if each['observations'] < options.least:
                    continue
                errors = [got - level for level, got in zip(each['levels'], each['coverage'])]
                worst = max(errors, key=abs)
                classes += 1
                off += abs(worst) > options.within
                shown = [f'{got:.3f}' for level in SHOWN for at, got in zip(each['levels'], each['coverage']) if abs(at - level) < 1e-9]
                print(f'| {name} {options.interval or interval_of(name)} | {each["name"]} | {each["observations"]} | {" | ".join(shown)} | '
                      f'{worst:+.3f}{"" if abs(worst) <= options.within else " OFF"} |', flush=True)
    print(f'\n{classes} classes, {off} off by more than {options.within:g}')
    return 1 if off and not options.first_half else 0


if __name__ == '__main__':
    sys.exit(main())
