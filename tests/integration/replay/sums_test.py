#!/usr/bin/env python3
"""The sums of the scorecard, recomputed by another program in another language from the definitions (tests/independent).

Usage: sums_test.py FORESTAGE [unittest arguments]. Needs numpy, in this Python or in /usr/bin/python3.
"""
import datetime
import json
import random
import subprocess
import sys
import unittest

import support
from support import OK

RECOMPUTE = support.SOURCE / 'tests' / 'independent' / 'recompute.py'


def python_with_numpy():
    for python in (sys.executable, '/usr/bin/python3'):
        try:
            if subprocess.run([python, '-c', 'import numpy'], stderr=subprocess.DEVNULL).returncode == 0:
                return python
        except OSError:
            pass
    return None


PYTHON = python_with_numpy()
COLUMNS = 'time=timestamp,resource=resource,region=region'


@unittest.skipUnless(PYTHON, 'numpy is not installed: the sums are not recomputed')
class Sums(support.TestCase):
    def agree(self, log, interval='15m', columns=COLUMNS, **options):
        """The two programs agree on every integer of every yardstick, and on costs and regrets."""
        args = ['--columns', columns, '--interval', interval]
        for name, value in options.items():
            args += ['--' + name.replace('_', '-'), str(value)]
        card = self.path / 'card.json'
        self.replay(log, *args, '--yardsticks', 'all', '--policy', 'cost,threshold', '--json', card)
        compared = subprocess.run([PYTHON, str(RECOMPUTE), str(log), *args, '--compare', str(card)], encoding='utf-8',
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        self.assertEqual(compared.returncode, OK, f'{options}\n{compared.stdout}')
        return json.loads(card.read_text())

    def test_budgets(self):
        log = self.generated(days=6 if support.SLOW else 10)
        for budget in ('none', '1.0x', 3) if support.SLOW else ('none', '1.0x', '0.5x', '2.0x', '0.013x', 0, 1, 7, 1000):
            self.agree(log, budget=budget)

    def test_leads_and_intervals(self):
        log = self.generated(days=5 if support.SLOW else 16)
        for lead in (0, 5, 94) if support.SLOW else (0, 1, 5, 30, 94):  # from a day on, the recomputation refuses
            for budget in ('none', '1.0x'):
                self.agree(log, lead=lead, budget=budget)
        self.agree(self.generated('short.csv', days=4, events=4000, resources=20), interval='1m', lead=300, budget='1.0x')
        for interval, lead in (('1m', 1), ('1h', 1), ('6h', 1), ('12h', 0)):
            self.agree(log, interval=interval, lead=lead)

    def test_cost_ratios_and_warm_ups(self):
        log = self.generated()
        for ratio in ('9:1', '1:1', '1:9', '19:1', '99:1', '0.3:0.7'):
            self.agree(log, cost_ratio=ratio)
        for warmup in ('0', '99%') if support.SLOW else ('0', '1%', '33%', '0.5', '75%', '99%', '99.99%'):
            for budget in ('none', '1.0x'):
                self.agree(log, warmup=warmup, budget=budget)

    def test_weeks(self):
        """Long enough for last-week, fourteen days of tod14, and windows of 288 intervals."""
        log = self.generated(days=30, events=6_000 if support.SLOW else 15_000, resources=40, regions=2)
        for budget in ('none', '1.0x'):
            self.agree(log, interval='1h', budget=budget)

    def test_logs_without_regions_or_with_counts(self):
        log = self.generated()
        self.agree(log, columns='time=timestamp,resource=resource')
        self.agree(log, columns='time=timestamp')
        self.agree(log, columns='time=timestamp,region=region')
        rng = random.Random(support.SEED)
        counted = self.path / 'counted.csv'
        counted.write_text('timestamp,room,n\n' + ''.join(
            f'2021-03-{1 + i // 288:02d} {i % 288 // 12:02d}:{i % 12 * 5:02d},r{r},{rng.choice([0, 0, 1, 2, 40, 3.5, 1000])}\n'
            for i in range(288 * 5) for r in range(3)))
        for budget in ('none', '1.0x', 50):
            self.agree(counted, interval='5m', columns='time=timestamp,resource=room,count=n', budget=budget)

    def test_seeds(self):
        for seed in range(support.SEED + 100, support.SEED + 100 + support.REPETITIONS):
            log = self.generated(seed=seed)
            self.agree(log, budget=random.Random(seed).choice(['none', '0.7x', '1.0x', 3]), lead=seed % 4)


class Decisions(support.TestCase):
    """Under a budget our own plan is the exact greedy choice: decided anew, unit by unit, from what the resources wanted."""

    def decided(self, log, *args):
        """The decisions of a run, checked by the independent greedy; and its scorecard."""
        dump, card = self.path / 'dump.jsonl', self.path / 'card.json'
        args = ['--interval', '15m', '--json', card, *args]
        self.replay(log, *args, '--dump-candidates', dump)
        with_dump = card.read_bytes()
        self.replay(log, *args)
        self.assertEqual(card.read_bytes(), with_dump, 'looking changes nothing')
        again = subprocess.run([sys.executable, str(RECOMPUTE), 'greedy', str(dump)], encoding='utf-8', stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, timeout=600)
        self.assertEqual(again.returncode, OK, again.stderr)
        self.assertIn('allocations agree', again.stderr)
        return sorted(dump.read_text().splitlines()), json.loads(with_dump)

    def test_the_plan_is_the_exact_greedy_choice(self):
        log = self.generated(days=5 if support.SLOW else 8, events=6_000 if support.SLOW else 30_000, resources=60 if support.SLOW else 150)
        for budget in (4, '1.0x') if support.SLOW else (1, 4, 25, '0.5x', '1.0x', '2.0x'):
            lines, card = self.decided(log, '--budget', budget)
            decisions = [json.loads(line) for line in lines]
            budgets = {d['region']: d['budget'] for d in decisions if 'budget' in d}
            decisions = [d for d in decisions if 'budget' not in d]
            held, wanted = {}, {}
            for d in decisions:
                self.assertEqual(len(d['p']), d['cap'])
                self.assertEqual(d['p'], sorted(d['p'], reverse=True))
                key = d['region'], d['interval']
                held[key] = held.get(key, 0) + d['allocated']
                wanted[key] = wanted.get(key, 0) + d['cap']
            for key, units in held.items():
                self.assertEqual(units, min(budgets[key[0]], wanted[key]), key)
            # What the scorecard says was allocated is the sum of these decisions.
            end = max(d['interval'] for d in decisions)
            last = self.interval_of(card['log']['to'])
            first = last + 1 - card['log']['evaluated_intervals']
            self.assertLessEqual(last, end)
            total = sum(units for (_, interval), units in held.items() if first <= interval <= last)
            self.assertEqual(total, card['policies']['cost']['allocated_unit_intervals'])

    def test_the_decisions_do_not_depend_on_shards_and_threads(self):
        log = self.generated(resources=50 if support.SLOW else 100)
        expected = self.decided(log, '--budget', '1.0x', '--shards', 1, '--threads', 1)
        for shards, threads in ((16, 8), (64, 2)):
            self.assertEqual(self.decided(log, '--budget', '1.0x', '--shards', shards, '--threads', threads), expected)

    @staticmethod
    def interval_of(text):
        return int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()) // 900


class Additivity(support.TestCase):
    """Costs add up: the parts of a log cost what the log costs, where nothing is shared between the parts."""

    def test_regions_add_up_without_a_budget_and_with_one(self):
        log = self.generated()
        header, *rows = log.read_text().splitlines(keepends=True)
        regions = sorted({row.rstrip('\n').rsplit(',', 1)[1] for row in rows})
        # A row of another resource keeps the span of every part the same.
        ends = [rows[0].split(',')[0], rows[-1].split(',')[0]]
        for budget in ('none', 4):
            args = ['--interval', '15m', '--budget', budget, '--columns', COLUMNS, '--yardsticks', 'none,reactive,keepalive-6,last-day,static-q,tod14,oracle']
            frame = ''.join(f'{time},frame,p/0,frame\n' for time in ends)
            whole = self.path / 'whole.csv'
            whole.write_text(header + ''.join(rows) + frame)
            total = self.card(whole, *args)['policies']
            frame_only = self.path / 'frame.csv'
            frame_only.write_text(header + frame)
            sums = self.sums(self.card(frame_only, *args)['policies'])
            for region in regions:
                part = self.path / 'part.csv'
                part.write_text(header + ''.join(row for row in rows if row.endswith(f',{region}\n')) + frame)
                framed = self.sums(self.card(part, *args)['policies'])
                alone = self.sums(self.card(frame_only, *args)['policies'])
                for key, value in framed.items():
                    sums[key] = sums[key] + value - alone[key]
            for name in total:
                if name != 'cost':  # ours learns from all regions together
                    for figure in ('requests', 'warm', 'cold', 'waste_unit_intervals'):
                        self.assertEqual(total[name][figure], sums[name, figure], (budget, name, figure))

    @staticmethod
    def sums(policies):
        return {(name, figure): policy[figure] for name, policy in policies.items()
                for figure in ('requests', 'warm', 'cold', 'waste_unit_intervals')}

    def test_every_scorecard_adds_up(self):
        log = self.generated()
        for budget in ('none', '1.0x', 2):
            for ratio in ('9:1', '2.5:0.75'):
                card = self.card(log, '--interval', '15m', '--yardsticks', 'all', '--policy', 'cost,threshold', '--budget', budget, '--cost-ratio', ratio,
                                 '--collection-size', 7)
                under, over = card['settings']['cost_under'], card['settings']['cost_over']
                for name, p in card['policies'].items():
                    self.assertEqual(p['warm'] + p['cold'], p['requests'], name)
                    self.assertEqual(p['warm'] + p['waste_unit_intervals'], p['allocated_unit_intervals'], name)
                    self.assertEqual(p['allocated_slots'], 7 * p['allocated_unit_intervals'], name)
                    self.assertAlmostEqual(p['cost'], under * p['cold'] + over * p['waste_unit_intervals'], delta=1e-9 * p['cost'])
                    self.assertAlmostEqual(p['cost_per_request'], p['cost'] / p['requests'], delta=1e-9)
                    self.assertAlmostEqual(p['warm_ratio'], p['warm'] / p['requests'], delta=1e-12)


if __name__ == '__main__':
    support.main()
