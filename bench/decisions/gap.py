#!/usr/bin/env python3
"""What lies between our cost and that of the rate oracle, on generated logs: which part each feature of the world brings.

  gap.py [--forestage PATH] [--work DIR] [--seeds 3] [--intervals 15m,1h] [--events N] [--resources N] [--days N] [--jobs N]

The rate oracle knows every rate but no arrival, so what `cost` pays beyond it is what was not known of the rates. Worlds of the
same size without one feature (flash crowds, births and deaths, timetables, habits, weekends), and one with none of them, say whose
rates those are: the gap of the full world less that without a feature. What is left with none is the plain error of
estimating steady daily rhythms from sparse counts. Gaps are per request, means over seeds, with the standard error over seeds.
Exit code: 0; 1 when a run failed.
"""
import argparse, json, math, pathlib, statistics, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

FEATURES = {
    'everything': [],
    'without flash crowds': ['--flash', '0'],
    'without births and deaths': ['--births', '0'],
    'without timetables': ['--sessions', '0'],
    'without habits': ['--habits', '0'],
    'without weekends': ['--no-weekly'],
    'none of them': ['--flash', '0', '--births', '0', '--sessions', '0', '--habits', '0', '--no-weekly'],
}
STRICT = ['reactive', 'keepalive-3', 'keepalive-6', 'keepalive-12', 'last-day', 'last-week', 'static-q', 'tod14', 'reactive-tuned', 'last-week-tuned']


def run(command):
    subprocess.run(['nice', '-n', '10', *map(str, command)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def measure(world, seed, interval, options):
    """(ours, rate oracle, best strict yardstick) per request."""
    name = f'{world.replace(" ", "-")}-{seed}'
    log, truth, card = (options.work / f'{name}.{end}' for end in ('csv', 'truth.jsonl', f'{interval}.json'))
    run([options.forestage, 'generate', '--out', log, '--truth', truth, '--days', options.days, '--events', options.events, '--resources',
         options.resources, '--seed', seed, *FEATURES[world], '--quiet'])
    run([options.forestage, 'replay', log, '--truth', truth, '--interval', interval, '--yardsticks', 'all', '--threads', '1', '--json', card])
    log.unlink()
    policies = json.loads(card.read_text())['policies']
    return tuple(policies[name]['cost_per_request'] for name in ('cost', 'rate-oracle')) + (min(policies[name]['cost_per_request'] for name in STRICT),)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--forestage', default='build/release/tools/forestage')
    parser.add_argument('--work', type=pathlib.Path, default=pathlib.Path('build/gap'))
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--intervals', default='15m,1h')
    parser.add_argument('--events', default='600000')
    parser.add_argument('--resources', default='200')
    parser.add_argument('--days', default='28')
    parser.add_argument('--jobs', type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    seeds = range(1, options.seeds + 1)
    print('| interval | world | rate oracle | ours | best yardstick | gap to the oracle | what the feature brings | of the gap |\n|---|---|---|---|---|---|---|---|', flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        for interval in options.intervals.split(','):
            runs = {world: [pool.submit(measure, world, f'{seed}', interval, options) for seed in seeds] for world in FEATURES}
            try:
                costs = {world: [each.result() for each in found] for world, found in runs.items()}
            except subprocess.CalledProcessError as failed:
                print(f'gap: {" ".join(map(str, failed.cmd))}: {failed.stderr.decode()[-300:]}', file=sys.stderr)
                return 1
            gaps = {world: [ours - oracle for ours, oracle, _ in found] for world, found in costs.items()}
            whole = statistics.mean(gaps['everything'])
            for world, found in costs.items():
                ours, oracle, best = (statistics.mean(column) for column in zip(*found))
                differences = [a - b for a, b in zip(gaps['everything'], gaps[world])]
                error = statistics.stdev(differences) / math.sqrt(len(differences)) if len(differences) > 1 else math.nan
                # What is left when no feature is there is itself the figure.
                brings = statistics.mean(gaps[world]) if world == 'none of them' else statistics.mean(differences)
                shown = '' if world == 'everything' else f'{brings:.3f} ± {error:.3f}'
                print(f'| {interval} | {world} | {oracle:.3f} | {ours:.3f} | {best:.3f} | {ours - oracle:.3f} | {shown} | '
                      f'{brings / whole * 100 if world != "everything" else 100:.0f} % |', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
