#!/usr/bin/env python3
"""Logs with local times, turned into UTC, replayed with and without their --time-zone: the week after each change of the clocks.

  time_zones.py [--forestage PATH] [--jobs N] [LOG…]

Also the second half of each log as a whole. Nothing is chosen by this.
"""
import argparse, csv, gzip, json, os, subprocess, sys, tempfile, zoneinfo
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import decisions
import rows as table

LOGS = {'melbourne': ('Australia/Melbourne', 3600), 'seattle': ('America/Los_Angeles', 3600), 'nyc_taxi': ('America/New_York', 1800)}
WEEK = 7 * 86400


def load(name, data):
    """Rows in UTC: (second, resource, count), by time."""
    zone = zoneinfo.ZoneInfo(LOGS[name][0])
    file, columns, where, _ = table.LOGS[name]
    roles = dict(part.split('=') for part in columns.split(','))
    out = []
    with gzip.open(os.path.join(data, file), 'rt', encoding='utf-8', newline='') as source:
        for row in csv.DictReader(source):
            if where is not None and not any(decisions.fnmatch.fnmatchcase(row[where.split('=')[0]], g) for g in where.split('=')[1].split('|')):
                continue
            local = datetime.fromtimestamp(decisions.seconds_of(' '.join(row[c] for c in roles['time'].split('+'))), timezone.utc)
            at = int(local.replace(tzinfo=zone).timestamp())
            if row[roles['count']]:
                out.append((at, row[roles['resource']], row[roles['count']]))
    return sorted(out)


def cost(name, rows, begin, work, label, options, zone):
    seconds = LOGS[name][1]
    start, stop = rows[0][0] // seconds, rows[-1][0] // seconds + 1
    path = os.path.join(work, f'{name}.{label}.{bool(zone)}.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('time,resource,count\n')
        file.writelines(f'{at},{resource},{count}\n' for at, resource, count in rows)
    share = (begin // seconds - start) / (stop - start)
    subprocess.run([options.forestage, 'replay', path, '--columns', 'time=time,resource=resource,count=count', '--interval', str(seconds), '--warmup', repr(share),
                    '--threads', '1', '--json', path + '.json', *(['--time-zone', zone] if zone else [])], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.unlink(path)
    with open(path + '.json', encoding='utf-8') as file:
        return json.load(file)['policies']['cost']['cost']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('logs', nargs='*', metavar='LOG')
    parser.add_argument('--forestage', default='build/release/tools/forestage')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    options = parser.parse_args()
    data = os.path.join(os.environ.get('FORESTAGE_SHARED', '../shared'), 'data')
    print('log        from                      cost in UTC   in its zone   ratio')
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(options.jobs) as pool:
        for name in options.logs or LOGS:
            zone = zoneinfo.ZoneInfo(LOGS[name][0])
            rows = load(name, data)
            first, last = rows[0][0], rows[-1][0]
            spans = [('second half', (first + last) // 2, last + 1)]
            hour = first - first % 3600 + 5 * WEEK
            while hour + WEEK <= last:
                before, after = (datetime.fromtimestamp(hour - 3600 * k, zone).utcoffset() for k in (1, 0))
                if before != after:
                    spans.append((f'{datetime.fromtimestamp(hour, timezone.utc):%Y-%m-%d} {(after - before) / timedelta(hours=1):+.0f} h', hour, hour + WEEK))
                hour += 3600

            def measure(span):
                label, begin, end = span
                part = [r for r in rows if r[0] < end]
                utc, local = (cost(name, part, begin, work, label.replace(' ', '_'), options, z) for z in (None, LOGS[name][0]))
                return f'{name:<10} {label:<22} {utc:>14.0f} {local:>13.0f} {local / utc:>7.3f}'
            for line in pool.map(measure, spans):
                print(line, flush=True)


if __name__ == '__main__':
    main()
