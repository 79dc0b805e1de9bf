#!/usr/bin/env python3
"""What simulated declarations are worth on the real logs, scenario by scenario: cost with the forward look over cost without it, in
the same run, over the keys that are declared for. Prints a table in Markdown and says whether every figure stays at or below 1.01.

Usage: scenarios.py FORESTAGE [--logs flights,ali] [--only TEXT] [--json FILE] [--threads N]. The logs are looked for beside the
repository (../shared/data), or where FORESTAGE_SHARED says; without them nothing is measured, and that is said.
Exit: 0 all safe, 1 some scenario costs more than 1.01, 77 no logs.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SHARED = pathlib.Path(os.environ.get('FORESTAGE_SHARED', pathlib.Path(__file__).resolve().parents[3] / 'shared'))
DATA = SHARED / 'data'
SAFE = 1.01

FLIGHTS = ['us_flights_2001_origins_open.csv.gz', '--columns', 'time=timestamp_local,resource=destination,region=origin', '--interval', '15m']
# Name -> (arguments of replay, busiest keys that are declared for).
LOGS = {
    'flights': (FLIGHTS, 100),
    'flights_L0': ([*FLIGHTS, '--lead', '0'], 100),
    'w3c_join': (['irc_w3c_2012_2013.csv.gz', '--columns', 'time=timestamp,resource=room,region=region,peer=peer', '--where', 'kind=j',
                  '--interval', '15m'], 25),
    'raku_join': (['irc_raku_2016_2017.csv.gz', '--columns', 'time=timestamp,resource=room,peer=peer', '--where', 'kind=j', '--interval',
                   '15m'], 10),
    'ali': (['alibaba_genai_requests_2024.csv.gz', '--columns', 'time=gmt_create,resource=checkpoint_model_version_id,peer=groupId',
             '--interval', '5m'], 87),
    'wc': (['worldcup98_per_minute.csv.gz', '--columns', 'time=timestamp_utc,count=requests', '--interval', '5m'], 1),
    'bank': (['bank_calls_5min.csv.gz', '--columns', 'time=timestamp,count=calls', '--interval', '5m'], 1),
}
LIARS = 'p=.2,noshow=.3,jitter=.2'
SCENARIOS = {
    'p=.05': 'p=.05', 'p=.2': 'p=.2', 'p=.5': 'p=.5', 'p=.8': 'p=.8', 'p=1': 'p=1',
    'p=.2 noshow.3': 'p=.2,noshow=.3', 'p=.5 noshow.3': 'p=.5,noshow=.3',
    'p=.5 noshow.3 jitter.3': 'p=.5,noshow=.3,jitter=.3', 'p=.5 noshow.7': 'p=.5,noshow=.7', 'p=.5 jitter.5': 'p=.5,jitter=.5',
    'p=.2 ns.3 liars20': LIARS + ',liars=.2', 'p=.2 ns.3 liars50': LIARS + ',liars=.5',
    'p=.2 ns.3 liars50 flood10x': LIARS + ',liars=.5,flood=10',
    'p=.2 ns.3 liars50 flood10x sybil': LIARS + ',liars=.5,flood=10,sybil',
    'p=.5 ns.3 liars50 flood10x': 'p=.5,noshow=.3,jitter=.2,liars=.5,flood=10',
    'p=.2 ns.3 sleepers20 flood10x in eval': 'p=.2,noshow=.3,sleepers=.2,flood=10',
    'p=.2 ns.3 sleepers50 flood10x in eval': 'p=.2,noshow=.3,sleepers=.5,flood=10',
    'p=.05 share-noise.3': 'p=.05,share-noise=.3', 'p=.2 share-noise.3': 'p=.2,share-noise=.3',
    'p=.5 share-noise.3': 'p=.5,share-noise=.3', 'p=.2 share-noise.6': 'p=.2,share-noise=.6',
    'worthless: p=0 + liars as p=.2': 'p=0,liars=.5,liar-rate=.2', 'worthless flood10x': 'p=0,liars=.5,liar-rate=.2,flood=10',
    'worthless flood10x sybil': 'p=0,liars=.5,liar-rate=.2,flood=10,sybil',
}


def measure(forestage, log, scenario, threads):
    """The section on intents of one replay, and the cost per request without intents."""
    arguments, top = LOGS[log]
    with tempfile.TemporaryDirectory() as directory:
        card = pathlib.Path(directory) / 'card.json'
        subprocess.run([forestage, 'replay', str(DATA / arguments[0]), *arguments[1:], '--intents', f'{SCENARIOS[scenario]},top={top}',
                        '--threads', str(threads), '--json', str(card)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        found = json.loads(card.read_text())
    return {**found['intents'], 'cost_per_request_without': found['policies']['cost-no-intents']['cost_per_request']}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('forestage')
    parser.add_argument('--logs', default=','.join(LOGS))
    parser.add_argument('--only', default='', help='scenarios whose name contains this')
    parser.add_argument('--json')
    parser.add_argument('--threads', type=int, default=0)
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f'the real logs are not at {DATA}: NOTHING IS MEASURED')
        return 77
    logs = options.logs.split(',')
    results, worst = {}, (0, '')
    print('| scenario | ' + ' | '.join(logs) + ' |', '|' + '---|' * (len(logs) + 1), sep='\n', flush=True)
    begin = time.monotonic()
    for scenario in SCENARIOS:
        if options.only not in scenario:
            continue
        row = []
        for log in logs:
            found = measure(options.forestage, log, scenario, options.threads)
            results.setdefault(log, {})[scenario] = found
            row.append(f"{found['cost_ratio']:.3f}")
            worst = max(worst, (found['cost_ratio'], f'{log}, {scenario}'))
        print(f'| {scenario} | ' + ' | '.join(row) + ' |', flush=True)
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + '\n')
    print(f'worst: {worst[0]:.4f} ({worst[1]}); {"safe" if worst[0] <= SAFE else "NOT SAFE"} (at most {SAFE}); '
          f'{time.monotonic() - begin:.0f} s')
    return 0 if worst[0] <= SAFE else 1


if __name__ == '__main__':
    sys.exit(main())
