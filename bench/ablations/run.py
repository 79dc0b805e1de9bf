#!/usr/bin/env python3
"""What each source of knowledge is worth: replays with it and without it, the rest the same. Prints one table in Markdown.

  run.py [--only GLOB] [--jobs N] [--work DIR] [--forestage PATH] [--json FILE]

The real logs are in $FORESTAGE_SHARED/data (default ../shared/data); rows whose log is absent, or whose option this build does not know, say so.
Figures are of the evaluation part (second halves), and nothing is chosen by them. --only: rows whose "source log" matches; alternatives by |.
Exit code: 0; 1 when a replay failed.
"""
import argparse
import csv
import fnmatch
import gzip
import hashlib
import json
import math
import os
import pathlib
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'bench/decisions'))
import rows as table  # noqa: E402

INTENTS = ['--intents', 'p=.5,noshow=.3']
CALENDAR = ['--calendar', '{calendar}']
CATALOGUE = ['--catalogue', '{catalogue}']
SOLD_OUT = ['--budget', '0.5x']


def without(source):
    return ['--without', source]


# Segments are scored beside the decisions, which they do not move: what units of its own for each would cost, with shares by hour and without.
FINE, FLAT = ['cost_per_request'], ['flat_cost_per_request']
SEGMENTED = {
    'bikes_by_class': ('', 'time=day+hour,segment=class,count=count', None),
    'w3c_by_region': (table.LOGS['w3c_join'][0], 'time=timestamp,resource=room,segment=region,peer=peer', 'kind=j'),
    'flights_by_origin': (table.LOGS['flights'][0], 'time=timestamp_local,resource=destination,segment=origin', None),
}

# source, log (of LOGS, with its interval), arguments of both runs, of the run with the source, of the run without it.
ROWS = [
    ('history: profiles of day and week', 'flights 900', [], [], without('history')),
    ('history: profiles of day and week', 'wc 300', [], [], without('history')),
    ('history: profiles of day and week', 'bank 300', [], [], without('history')),
    ('history: profiles of day and week', 'w3c_join 900', [], [], without('history')),
    ('live rates', 'wc 300', [], [], without('live')),
    ('live rates', 'ali 300', [], [], without('live')),
    ('live rates', 'tweets 300', [], [], without('live')),
    ('live rates', 'raku_join 900', [], [], without('live')),
    ('history and live rates together', 'wc 300', [], [], without('history,live')),
    ('history and live rates together', 'bank 300', [], [], without('history,live')),
    ('history and live rates together', 'ali 300', [], [], without('history,live')),
    ('history and live rates together', 'w3c_join 900', [], [], without('history,live')),
    ('pooling over keys', 'w3c_join 900', [], [], without('pooling')),
    ('pooling over keys', 'ali 300', [], [], without('pooling')),
    ('pooling over keys', 'tweets 300', [], [], without('pooling')),
    ('pooling over keys', 'email 3600', [], [], without('pooling')),
    ('pooling over keys', 'melbourne 3600', [], [], without('pooling')),
    ('pooling over keys', 'semicomplete 3600', [], [], without('pooling')),
    ('pooling over keys', 'births 900', [], [], without('pooling')),
    ('pooling over keys', 'births 3600', [], [], without('pooling')),
    ('pooling over keys', 'openings 900', [], [], without('pooling')),
    ('pooling over keys', 'openings 3600', [], [], without('pooling')),
    ('catalogue: kinds of resources', 'births 300', [], CATALOGUE, []),
    ('catalogue: kinds of resources', 'births 900', [], CATALOGUE, []),
    ('catalogue: kinds of resources', 'births 3600', [], CATALOGUE, []),
    ('recalibrated curves, budget 0.5x', 'w3c_join 900', SOLD_OUT, [], without('recalibration')),
    ('recalibrated curves, budget 0.5x', 'ali 300', SOLD_OUT, [], without('recalibration')),
    ('recalibrated curves, budget 0.5x', 'tweets 300', SOLD_OUT, [], without('recalibration')),
    ('intents of agents (p=.5, 30 % no-shows)', 'ali 300', [], INTENTS, []),
    ('intents of agents (p=.5, 30 % no-shows)', 'w3c_join 900', [], INTENTS, []),
    ('intents of agents (p=.5, 30 % no-shows)', 'wc 300', [], INTENTS, []),
    ('sequence model', 'ali 300', [], ['--sequence'], []),
    ('sequence model', 'w3c_join 900', [], ['--sequence'], []),
    ('sequence model', 'raku_join 900', [], ['--sequence'], []),
    ('calendar that names the flash crowds', 'crowds 300', [], CALENDAR, []),
    ('calendar that names the flash crowds', 'crowds 900', [], CALENDAR, []),
    ('profiles: segments by hour', 'bikes_by_class 3600', [], FINE, FLAT),
    ('profiles: segments by hour', 'w3c_by_region 3600', [], FINE, FLAT),
    ('profiles: segments by hour', 'w3c_by_region 900', [], FINE, FLAT),
    ('profiles: segments by hour', 'flights_by_origin 3600', [], FINE, FLAT),
]

# Generated logs: one whose crowds an operator would have known of, one of which most resources are young.
WORLDS = {
    'crowds': ['--days', '28', '--events', '300k', '--resources', '100', '--regions', '2', '--peers', '5000', '--flash', '20', '--sessions', '0'],
    'births': ['--days', '28', '--events', '300k', '--resources', '400', '--regions', '2', '--peers', '5000', '--births', '.9'],
}


def opened(options):
    """The flights, of which every second route opens at some moment of the evaluated half: what was flown before is left out."""
    log = options.work / 'openings.csv'
    source = options.data / table.LOGS['flights'][0]
    if log.exists() or not source.exists():
        return log
    begin, end = datetime(2001, 4, 1, 12), datetime(2001, 7, 1)
    with gzip.open(source, 'rt', newline='') as rows, open(log.with_suffix('.part'), 'w', newline='') as out:
        rows = csv.reader(rows)
        out = csv.writer(out)
        out.writerow(next(rows))
        for row in rows:
            mark = zlib.crc32(f'{row[1]} {row[2]}'.encode())
            if mark % 2 == 0 or datetime.fromisoformat(row[0]) >= begin + (end - begin) * (mark // 2 % 1000 / 1000):
                out.writerow(row)
    log.with_suffix('.part').rename(log)
    return log


def bikes(options):
    """Casual and registered riders as rows of their own."""
    log = options.work / 'bikes_by_class.csv'
    source = options.data / table.LOGS['bikes'][0]
    if source.exists():
        with gzip.open(source, 'rt', newline='') as rows, open(log, 'w', newline='') as out:
            out.write('day,hour,class,count\n')
            for row in csv.DictReader(rows):
                out.writelines(f"{row['dteday']},{row['hr']},{name},{row[name]}\n" for name in ('casual', 'registered'))
    return log


def generated(name, options):
    """A generated log, and the calendar that announces its flash crowds: hour by hour, what each brings on average."""
    log, truth, calendar = (options.work / f'{name}.{end}' for end in ('csv', 'truth.jsonl', 'calendar.csv'))
    if calendar.exists():
        return log, calendar
    subprocess.run([options.forestage, 'generate', '--quiet', '--out', log, '--truth', truth, *WORLDS[name]], check=True)
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    first = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(days=lines[0]['first_day'])
    regions = [line['region'] for line in lines if 'utc_offset_minutes' in line]
    resources = [line for line in lines if 'shares' in line]
    rows = ['resource,from,to,expected,region']
    for line in lines:
        if line.get('pulse') != 'flash':
            continue
        name, region = resources[line['resource']]['resource'], regions[line['region']]
        for hour in range(0, line['minutes'], 60):
            minutes = range(hour, min(hour + 60, line['minutes']))
            brings = sum(line['height'] * math.exp(-k / line['decay_minutes']) for k in minutes)
            begin = first + timedelta(minutes=line['first_minute'] + hour)
            end = begin + timedelta(minutes=len(minutes))
            if round(brings) > 0:
                rows.append(f'{name},{begin:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},{round(brings)},{region}')
    calendar.write_text('\n'.join(rows) + '\n')
    return log, calendar


def command_of(log, arguments, options):
    name, seconds = log.split()
    calendar = ''
    catalogue = options.work / 'kinds.csv'
    catalogue.write_text('resource,kind\n' + ''.join(f'{kind}/*,{kind}\n' for kind in ('room', 'match', 'video', 'file', 'feed')))
    if name in WORLDS:
        path, calendar = generated(name, options)
        chosen = []
    elif name in SEGMENTED:
        file, columns, where = SEGMENTED[name]
        path = options.data / file if file else bikes(options)
        chosen = ['--columns', columns, *(['--where', where] if where else [])]
        arguments = []
    elif name == 'openings':
        path = opened(options)
        chosen = ['--columns', table.LOGS['flights'][1]]
    else:
        file, columns, where, _ = table.LOGS[name]
        path = options.data / file
        chosen = ['--columns', columns, *(['--where', where] if where else [])]
    if not path.exists():
        return None
    return [str(path), *chosen, '--interval', seconds, *(a.replace('{calendar}', str(calendar)).replace('{catalogue}', str(catalogue)) for a in arguments)]


def replay(command, options):
    """The scorecard, or a sentence that says why there is none."""
    card = options.work / (hashlib.sha1(' '.join(command).encode()).hexdigest()[:16] + '.json')
    done = subprocess.run(['nice', '-n', '10', options.forestage, 'replay', *command, '--threads', '1', '--json', card], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode == 2:
        return 'this build does not know the option'
    if done.returncode != 0:
        return 'FAILED: ' + done.stderr.strip()[-200:]
    return json.loads(card.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', default='*')
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--work', type=pathlib.Path, default=ROOT / 'build/ablations')
    parser.add_argument('--forestage', default=str(ROOT / 'build/release/tools/forestage'))
    parser.add_argument('--json', type=pathlib.Path)
    options = parser.parse_args()
    options.data = pathlib.Path(os.environ.get('FORESTAGE_SHARED', ROOT.parent / 'shared')) / 'data'
    options.work.mkdir(parents=True, exist_ok=True)
    chosen = [row for row in ROWS if any(fnmatch.fnmatchcase(f'{row[0]} {row[1]}', pattern) for pattern in options.only.split('|'))]
    runs = {}  # each command once
    with ThreadPoolExecutor(options.jobs) as pool:
        for _, log, both, on, off in chosen:
            for arguments in (both + on, both + off):
                command = command_of(log, arguments, options)
                if command is not None and tuple(command) not in runs:
                    runs[tuple(command)] = pool.submit(replay, command, options)
        print('| source of knowledge | log, interval s | cost per request with it | without it | without / with |')
        print('|---|---|---|---|---|', flush=True)
        results, failed = [], False
        for source, log, both, on, off in chosen:
            commands = [command_of(log, both + more, options) for more in (on, off)]
            if None in commands:
                print(f'| {source} | {log} | its log is absent: NOT MEASURED | | |', flush=True)
                continue
            costs = [runs[tuple(command)].result() for command in commands]
            if not any(isinstance(cost, str) for cost in costs):
                kinds = (on[0], off[0]) if on is FINE else (None, None)
                costs = [card['segments'][kind] if kind else card['policies']['cost']['cost_per_request'] for card, kind in zip(costs, kinds)]
            complaint = next((cost for cost in costs if isinstance(cost, str)), None)
            if complaint:
                failed |= complaint.startswith('FAILED')
                print(f'| {source} | {log} | {complaint}: NOT MEASURED | | |', flush=True)
                continue
            known, unknown = costs
            results.append({'source': source, 'log': log, 'with': known, 'without': unknown})
            print(f'| {source} | {log} | {known:.4f} | {unknown:.4f} | {unknown / known:.3f} |', flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + '\n')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
