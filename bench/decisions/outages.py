#!/usr/bin/env python3
"""Cuts six hours at a busy time out of real logs and prints what the day after costs: untouched, not learned from, learned from.

  outages.py [--forestage PATH] [--jobs N] [--gaps N] [LOG…]

For each log, gaps at even distances over its second half, each at the busiest time of its day. A run ends a day after the
gap, and is evaluated from the gap's end on. The constants of the watch are not chosen by this (docs/models.md, Outages).
"""
import argparse, csv, gzip, json, os, subprocess, sys, tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import decisions
import rows as table

LOGS = {'tweets': 300, 'ali': 900, 'raku_msg': 900, 'wc': 300}
GAP, DAY = 6 * 3600, 86400


def load(name, data):
    """Header, lines with their times, and what the gap is chosen by: requests an hour."""
    file, columns, where, _ = table.LOGS[name]
    with gzip.open(os.path.join(data, file), 'rt', encoding='utf-8', newline='') as source:
        lines = source.read().splitlines()
    header = lines[0].split(',')
    roles = dict(part.split('=') for part in columns.split(',') if '=' in part)
    place, count = header.index(roles['time']), header.index(roles['count']) if 'count' in roles else None
    chosen, globs = (None, ()) if where is None else (header.index(where.split('=')[0]), where.split('=')[1].split('|'))
    kept, hours = [], Counter()
    for line in lines[1:]:
        cells = line.split(',') if '"' not in line else next(csv.reader([line]))
        if chosen is not None and not any(decisions.fnmatch.fnmatchcase(cells[chosen], g) for g in globs):
            continue
        at = decisions.seconds_of(cells[place])
        kept.append((at, line))
        hours[int(at // 3600)] += 1 if count is None else float(cells[count] or 0)
    return lines[0], kept, hours


def cost(name, path, share, options, *more):
    out = path + ('.frozen' if more else '') + '.json'
    subprocess.run([options.forestage, 'replay', path, '--columns', table.LOGS[name][1], '--interval', str(LOGS[name]),
                    '--warmup', repr(share), '--threads', '1', '--json', out, *more], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(out, encoding='utf-8') as file:
        card = json.load(file)
    return card['policies']['cost']['cost'], card.get('outages', {}).get('intervals', 0)


def measure(name, k, options, header, kept, hours, work):
    first, last = min(hours), max(hours)
    day = int(first + (last - first) * (.5 + .5 * (k + .5) / options.gaps)) // 24
    begin = max(range(day * 24, day * 24 + 19), key=lambda h: sum(hours[h + i] for i in range(6))) * 3600
    end = begin + GAP
    lead = 2 * LOGS[name]  # what the gap has taught decides from here on
    until = end + lead + DAY
    # The first row may lie within an interval; the last one must be there, or the share is of another span.
    start = min(at for at, _ in kept) // LOGS[name] * LOGS[name]
    stop = max(at for at, _ in kept if at < until) // LOGS[name] * LOGS[name] + LOGS[name]
    share = (end + lead - start) / (stop - start)
    costs = []
    for cut in (False, True):
        path = os.path.join(work, f'{name}.{k}.{cut}.csv')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(header + '\n')
            file.writelines(line + '\n' for at, line in kept if at < until and not (cut and begin <= at < end))
        costs.append(cost(name, path, share, options))
        if cut:
            costs.append(cost(name, path, share, options, '--no-freeze'))
        os.unlink(path)
    (untouched, false_alarms), (frozen, held), (learned, _) = costs
    return f'{name:<9} {decisions.datetime.utcfromtimestamp(begin):%Y-%m-%d %H:%M} {held:>5} of {GAP // LOGS[name]:<3} {untouched:>12.0f} {frozen:>12.0f} {learned:>12.0f}' + \
        (f'   {false_alarms} more without the cut' if false_alarms else '')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('logs', nargs='*', metavar='LOG')
    parser.add_argument('--forestage', default='build/release/tools/forestage')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--gaps', type=int, default=4)
    options = parser.parse_args()
    data = os.path.join(os.environ.get('FORESTAGE_SHARED', '../shared'), 'data')
    print('log       gap begins         held intervals  untouched  not learned      learned')
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(options.jobs) as pool:
        for name in options.logs or LOGS:
            log = load(name, data)
            for line in pool.map(lambda k: measure(name, k, options, *log, work), range(options.gaps)):
                print(line, flush=True)


if __name__ == '__main__':
    main()
