#!/usr/bin/env python3
"""Replays every row of rows.py and holds its regrets to the minima and bounds; exit code 1 when one is missed.

  decisions.py [--rows minima|every|all] [--only GLOB] [--first-half] [--jobs N] [--work DIR] [--forestage PATH] [--mix]

The data is in $FORESTAGE_SHARED/data (default ../shared/data). --only: rows whose name (as printed) matches. --first-half
cuts each log at the middle of its time first: for tuning, the second halves stay unseen (targets then only orient, and the
exit code is 0). --mix also shows the regret to the best fixed mix of the experts in hindsight. --work keeps scorecards.
"""
import argparse, csv, fnmatch, gzip, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rows as table

STRICT = ['reactive', 'keepalive-3', 'keepalive-6', 'keepalive-12', 'last-day', 'last-week', 'static-q', 'tod14',
          'reactive-tuned', 'last-week-tuned']


def seconds_of(text):
    """Of a time as the logs write it. ValueError when it is none."""
    if re.fullmatch(r'[0-9.]+', text):
        return float(text)
    text = text.strip().replace('T', ' ').rstrip('Z')
    if '/' in text:
        day, _, hour = text.partition(' ')
        month, date, year = day.split('/')
        text = f'{year}-{int(month):02}-{int(date):02} {hour}'
    day, _, clock = text.partition(' ')
    if re.fullmatch(r'[0-9]{1,2}', clock):
        clock = f'{int(clock):02}:00'
    return datetime.fromisoformat(f'{day} {clock.split(".")[0] or "00:00"}').replace(tzinfo=timezone.utc).timestamp()


def copy_of(name, source, work, half):
    """The log's rows that its globs take, of the first half of their time only when asked."""
    target = os.path.join(work, f'{name}.{"first-half" if half else "chosen"}.csv')
    if os.path.exists(target):
        return target
    _, columns, where, _ = table.LOGS[name]
    with gzip.open(source, 'rt', encoding='utf-8', newline='') as file:
        lines = file.read().splitlines()
    header = lines[0].split(',')
    time = dict(part.split('=') for part in columns.split(',') if '=' in part)['time']
    places = [header.index(column) for column in time.split('+')]
    chosen, patterns = (None, []) if where is None else (header.index(where.split('=')[0]), where.split('=')[1].split('|'))
    kept, times = [], []
    for line in lines[1:]:
        cells = line.split(',') if '"' not in line else next(csv.reader([line]))
        if chosen is not None and not any(fnmatch.fnmatchcase(cells[chosen], pattern) for pattern in patterns):
            continue
        try:
            times.append(seconds_of(' '.join(cells[p] for p in places)) if half else 0)
        except (ValueError, IndexError):
            continue
        kept.append(line)
    middle = (min(times) + max(times)) / 2 if half else 1
    with open(target + '.part', 'w', encoding='utf-8') as file:
        file.write(lines[0] + '\n')
        file.writelines(line + '\n' for line, at in zip(kept, times) if at < middle)
    os.replace(target + '.part', target)
    return target


def needs_copy(name, half):
    """--where knows no alternatives."""
    return half or '|' in (table.LOGS[name][2] or '')


def title(row):
    name, seconds, lead, ratio, budget = row
    return f'{name} {seconds} L{lead} {ratio} {budget}'


def replay(row, options):
    name, seconds, lead, ratio, budget = row
    file, columns, where, _ = table.LOGS[name]
    log = os.path.join(options.data, file)
    if not os.path.exists(log):
        return None
    copied = needs_copy(name, options.first_half)
    if copied:
        log = copy_of(name, log, options.work, options.first_half)
    card = os.path.join(options.work, re.sub(r'[^A-Za-z0-9_.]+', '-', title(row)) + '.json')
    command = ['nice', '-n', '10', options.forestage, 'replay', log, '--columns', columns, '--interval', str(seconds), '--lead', str(lead),
               '--cost-ratio', ratio, '--budget', budget, '--warmup', '50%', '--threads', str(options.threads), '--json', card]
    command += ['--yardsticks', 'all']
    if where and not copied:
        command += ['--where', where]
    if os.path.exists(card):
        os.remove(card)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return f'replay failed ({done.returncode}): {done.stderr.strip()[-200:]}'
    with open(card, encoding='utf-8') as text:
        return json.load(text)


def verdict(row, cost):
    field, strict = cost['regret_field'], cost['regret_strict']
    missed = []
    if row in table.MINIMA:
        for what, least, got in zip(('field', 'strict'), table.MINIMA[row], (field, strict)):
            if least is None:
                continue
            if got is None or got > least + table.TOLERANCE:
                missed.append(f'{what} MISSED')
            elif got > least:
                missed.append(f'{what} within .02')
    bound = table.MOST_STRICT_LISTED if row in table.MINIMA else table.MOST_STRICT
    if strict is not None and strict > bound:
        missed.append(f'strict > {bound:g} MISSED')
    return ', '.join(missed) or ('ok' if strict is not None or row in table.MINIMA else 'n/a')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rows', choices=['minima', 'every', 'all'], default='all')
    parser.add_argument('--only', default='*', help='rows whose printed name matches, e.g. "wc 300*"; alternatives by |')
    parser.add_argument('--first-half', action='store_true')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--work', default='build/decisions')
    parser.add_argument('--forestage', default='build/release/tools/forestage')
    parser.add_argument('--mix', action='store_true')
    options = parser.parse_args()
    shared = os.environ.get('FORESTAGE_SHARED', '../shared')
    options.data = os.path.join(shared, 'data')
    if not os.path.isdir(options.data):
        print(f'decisions: NOT COMPARED: there is no real data at {shared}')
        return 0
    os.makedirs(options.work, exist_ok=True)
    rows = (list(table.MINIMA) if options.rows != 'every' else []) + (table.every() if options.rows != 'minima' else [])
    rows = [row for row in rows if any(fnmatch.fnmatchcase(title(row), pattern) for pattern in options.only.split('|'))]
    for name in sorted({row[0] for row in rows}):
        source = os.path.join(options.data, table.LOGS[name][0])
        if needs_copy(name, options.first_half) and os.path.exists(source):
            copy_of(name, source, options.work, options.first_half)

    print('| log, interval s, lead, cost ratio, budget | minimum field / strict | field | strict | se | best yardstick | none / best |'
          + (' to hindsight-mix |' if options.mix else '') + ' verdict |')
    print('|---|---|---|---|---|---|---|---|' + ('---|' if options.mix else ''), flush=True)
    missed = 0

    def shown(value, digits=3):
        return 'n/a' if value is None else f'{value:.{digits}f}'

    with ThreadPoolExecutor(options.jobs) as pool:
        for row, card in zip(rows, pool.map(lambda row: replay(row, options), rows)):
            if card is None or isinstance(card, str):
                missed += isinstance(card, str)
                print(f'| {title(row)} | {card or "its log is absent: NOT COMPARED"} |', flush=True)
                continue
            policies = card['policies']
            cost = policies['cost']
            best = min(STRICT, key=lambda name: policies[name]['cost'])
            least = ' / '.join('–' if x is None else f'{x:.2f}' for x in table.MINIMA.get(row, (None, None)))
            what = verdict(row, cost)
            missed += 'MISSED' in what
            mix = f' {shown((card.get("hindsight_mix") or {}).get("regret_of_cost"))} |' if options.mix else ''
            print(f'| {title(row)} | {least} | {shown(cost["regret_field"])} | {shown(cost["regret_strict"])} | {shown(cost["regret_se"])} | '
                  f'{best} | {shown(cost["cost_none_over_best"], 2)} |{mix} {what} |', flush=True)
    print(f'\n{len(rows)} rows, {missed} missed' + (' (first halves: targets only orient)' if options.first_half else ''))
    return 1 if missed and not options.first_half else 0


if __name__ == '__main__':
    sys.exit(main())
