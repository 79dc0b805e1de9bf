#!/usr/bin/env python3
"""Runs the sequence model over the logs that have peers, and prints one table.

    bench/sequence/run.py [--data DIR] [--tool BIN] [--part tune|test] [--only ali,...] [-- options of the tool]

tune scores the second quarter of each log's span, taught by the first; test scores the second half, taught by the first half.
Tune on the one, look at the other once.
"""
import argparse, csv, datetime, gzip, json, os, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def iso(text):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp())


def number(text):
    return int(float(text))


def irc(*kinds):
    return lambda row: row['kind'] in kinds


# name -> file, interval, time, peer, segment, resource, which rows
LOGS = {
    'ali': ('alibaba_genai_requests_2024', 300, lambda r: iso(r['gmt_create']), lambda r: r['groupId'], None,
            lambda r: r['checkpoint_model_version_id'], None),
    'w3c_join': ('irc_w3c_2012_2013', 900, lambda r: iso(r['timestamp']), lambda r: r['peer'], lambda r: r['region'],
                 lambda r: r['room'], irc('j')),
    'w3c_msg': ('irc_w3c_2012_2013', 900, lambda r: iso(r['timestamp']), lambda r: r['peer'], lambda r: r['region'],
                lambda r: r['room'], irc('m', 'a')),
    'raku_join': ('irc_raku_2016_2017', 900, lambda r: iso(r['timestamp']), lambda r: r['peer'], None,
                  lambda r: r['room'], irc('j')),
    'raku_msg': ('irc_raku_2016_2017', 900, lambda r: iso(r['timestamp']), lambda r: r['peer'], None,
                 lambda r: r['room'], irc('m', 'a')),
    'youtube': ('youtube_campus_2007-09-15_clean', 300, lambda r: number(r['unix_time']), lambda r: r['client'],
                lambda r: r['net'], lambda r: r['video'], None),
    'collegemsg': ('collegemsg', 900, lambda r: number(r['unix_time']), lambda r: r['sender'], None,
                   lambda r: r['recipient'], None),
    'email': ('email_eu_dept1_dept4', 900, lambda r: number(r['seconds']), lambda r: r['region'] + '/' + r['sender'],
              lambda r: r['region'], lambda r: r['region'] + '/' + r['recipient'], None),
    'apache': ('semicomplete_apache_2015-05', 3600, lambda r: iso(r['timestamp_utc']), lambda r: r['client_ip'], None,
               lambda r: r['path'], None),
}


def lines(data, log):
    name, _, time, peer, segment, resource, chosen = LOGS[log]
    with gzip.open(data / f'{name}.csv.gz', 'rt', encoding='utf-8', newline='') as file:
        for row in csv.DictReader(file):
            if chosen is None or chosen(row):
                yield f"{time(row)}\t{peer(row)}\t{segment(row) if segment else ''}\t{resource(row)}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = pathlib.Path(os.environ.get('FORESTAGE_SHARED', ROOT.parent / 'shared'))
    parser.add_argument('--data', type=pathlib.Path, default=shared / 'data')
    parser.add_argument('--tool', type=pathlib.Path, default=ROOT / 'build/release/bench/sequence/bench_sequence_log')
    parser.add_argument('--part', choices=('tune', 'test'), default='tune')
    parser.add_argument('--only', help='logs, separated by commas')
    parser.add_argument('--keep', type=pathlib.Path, help='a folder for the logs as the tool reads them')
    parser.add_argument('--json', action='store_true', help='the lines of the tool, with the name of the log')
    parser.add_argument('options', nargs='*')
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f'{arguments.data}: there is no such folder; nothing was run')
        return 0
    part = ['--from', '0.25', '--until', '0.5'] if arguments.part == 'tune' else ['--from', '0.5']
    if not arguments.json:
        print('| log | requests | variant | hit 1 | hit 5 | bits | new | intents | kept | promised | ns | MB |')
        print('|---|---|---|---|---|---|---|---|---|---|---|---|')
    for log in arguments.only.split(',') if arguments.only else LOGS:
        if log not in LOGS:
            sys.exit(f'--only {log}: give some of {", ".join(LOGS)}')
        kept = arguments.keep and arguments.keep / f'{log}.tsv'
        if kept and kept.exists():
            text = kept.read_text()
        else:
            text = ''.join(lines(arguments.data, log))
            if kept:
                kept.write_text(text)
        command = [arguments.tool, '--interval', str(LOGS[log][1]), *part, *arguments.options]
        out = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
        if out.returncode != 0:
            sys.exit(out.stderr)
        for line in out.stdout.splitlines():
            if arguments.json:
                print(json.dumps({'log': log, **json.loads(line)}))
                continue
            v = json.loads(line)
            show = lambda key, form: format(v[key], form) if key in v else ''
            print(f"| {log} | {v['requests']} | {v['variant']} | {v['hit_1']:.3f} | {show('hit_5', '.3f')} | {show('bits', '.3f')} | "
                  f"{show('new', '.3f')} | {show('intents', 'd')} | {show('kept_share', '.3f')} | {show('promised', '.3f')} | "
                  f"{show('ns_per_observe', '.0f')} | {v['bytes'] / 1e6 if 'bytes' in v else 0:.1f} |", flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
