#!/usr/bin/env python3
"""What a log does not say is not zero demand: outages of its source are noticed and not learned from, nor are open counts.

Usage: outage_test.py FORESTAGE [unittest arguments]
"""
import datetime
import math
import os
import random
import sys

import support
from support import SEED

sys.path.insert(0, os.path.join(str(support.SOURCE), 'tests', 'independent'))
import recompute

FIRST = datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc)  # a Monday
PER_DAY, DAYS = 96, 25
GAP, GAP_END = 23 * PER_DAY + 40, 23 * PER_DAY + 64  # six hours of the 24th day, from ten to four


def rate(i):
    return 14 + 10 * math.sin((i % PER_DAY / PER_DAY - .3) * 2 * math.pi)


class Outages(support.TestCase):
    def setUp(self):
        super().setUp()
        chance = random.Random(SEED)
        self.counts = {(i, key): max(0, round(chance.gauss(rate(i) * (1 + key), 2 + key)))
                       for i in range(DAYS * PER_DAY) for key in range(4)}

    def log(self, name, count=None, until=GAP_END + PER_DAY + 2):
        """The log up to a day after the gap. count(i, key, known): the cell of the row; None: no row."""
        rows = ['time,resource,region,count\n']
        for (i, key), n in self.counts.items():
            cell = n if count is None else count(i, key, n)
            if i < until and cell is not None:
                rows.append(f'{FIRST + datetime.timedelta(minutes=15 * i):%Y-%m-%dT%H:%M:%SZ},{key % 2},r{key // 2},{cell}\n')
        log = self.path / name
        log.write_text(''.join(rows))
        return log

    def after(self, log, *more):
        """The scorecard of the day that begins when what the gap taught first decides."""
        share = (GAP_END + 2) / (GAP_END + PER_DAY + 2)
        return self.card(log, '--interval', '15m', '--warmup', repr(share), *more)

    def test_the_day_after_an_outage_costs_what_it_would_have_cost_without(self):
        whole = self.log('whole.csv')
        cut = self.log('cut.csv', lambda i, key, n: None if GAP <= i < GAP_END else n)
        untouched, freeze, learned = self.after(whole), self.after(cut), self.after(cut, '--no-freeze')
        cost = [card['policies']['cost']['cost'] for card in (untouched, freeze, learned)]
        print('cost of the day after: untouched, not learned from, learned from:', cost, flush=True)
        self.assertEqual(freeze['outages'], {'intervals': GAP_END - GAP, 'region_intervals': 0})
        self.assertNotIn('outages', untouched)
        self.assertNotIn('outages', learned)
        self.assertLess(cost[1], cost[0] + (cost[2] - cost[0]) / 3)
        self.assertIn('24 intervals in which the whole log fell silent were not learned from',
                      self.replay(cut, '--interval', '15m').stdout)

    def test_a_region_alone_is_noticed_too(self):
        cut = self.log('cut.csv', lambda i, key, n: None if key < 2 and GAP <= i < GAP_END else n)
        card = self.after(cut)
        self.assertEqual(card['outages'], {'intervals': 0, 'region_intervals': GAP_END - GAP})
        self.assertLess(card['policies']['cost']['cost'], self.after(cut, '--no-freeze')['policies']['cost']['cost'])

    def test_what_is_noticed_does_not_depend_on_shards_threads_or_restarts(self):
        cut = self.log('cut.csv', lambda i, key, n: None if GAP <= i < GAP_END or (key < 2 and GAP - 300 <= i < GAP - 290) else n)
        common = ['--interval', '15m', '--budget', '1.0x']
        card = self.card_bytes(cut, *common)
        self.assertRegex(card, rb'"region_intervals": [1-9]')
        self.assertEqual(self.card_bytes(cut, *common, '--shards', 3, '--threads', 1), card)
        data = self.path / 'run'
        self.assertEqual(self.card_bytes(cut, *common, '--data-dir', data), card)
        # The last snapshot is older than the gap: the log's records must know of it.
        self.assertEqual(self.card_bytes(cut, *common, '--data-dir', data, '--resume'), card)

    def test_an_open_count_is_no_demand_of_zero(self):
        def one_key(cell):
            return lambda i, key, n: cell if key == 0 and GAP <= i < GAP_END else n
        untouched, zero = self.after(self.log('whole.csv')), self.after(self.log('zero.csv', one_key(0)))
        log = self.log('open.csv', one_key(''))
        opened = self.after(log)
        cost = [card['policies']['cost']['cost'] for card in (untouched, opened, zero)]
        print('cost of the day after: untouched, counts left open, counts of zero:', cost, flush=True)
        self.assertEqual(opened['log']['missing'], GAP_END - GAP)
        self.assertLess(cost[1], cost[0] + (cost[2] - cost[0]) / 2)
        # A data directory keeps what is open, and a run on it says the same.
        data = self.path / 'run'
        kept = self.card(log, '--interval', '15m', '--data-dir', data)
        self.assertEqual(self.card(data)['policies'], kept['policies'])
        self.assertEqual(self.card(data)['log']['missing'], GAP_END - GAP)
        self.assertEqual(self.card(log, '--interval', '15m', '--data-dir', data, '--resume'), kept)


class LeftOpen(support.TestCase):
    """Where the log leaves a count empty nobody knows what a policy was worth."""
    OPEN = .06

    def log(self, chance):
        rows = ['time,resource,region,count']
        for i in range(20 * 24):
            for key in range(7):
                count = max(0, round(chance.gauss(3 + key if i % 24 > 7 else .3, 1.5)))
                if chance.random() < self.OPEN:
                    rows.append(f'{i * 3600},r{key},{"xy"[key % 2]},')
                    if chance.random() < .3:  # another row knows
                        rows.append(f'{i * 3600 + 60},r{key},{"xy"[key % 2]},{count}')
                elif count:
                    rows.append(f'{i * 3600},r{key},{"xy"[key % 2]},{count}')
        path = self.path / 'log.csv'
        path.write_text('\n'.join(rows) + '\n')
        return path

    def test_every_policy_leaves_out_what_an_independent_recomputation_does(self):
        log = self.log(random.Random(SEED))
        columns = 'time=time,resource=resource,region=region,count=count'
        for budget in ('none', '1.0x', '5'):
            card = self.path / 'card.json'
            done = self.replay(log, '--columns', columns, '--interval', '1h', '--yardsticks', 'all', '--policy', 'cost,threshold',
                               *([] if budget == 'none' else ['--budget', budget]), '--json', card)
            self.assertIn('intervals of keys whose count is empty are not scored', done.stdout)
            if recompute.np is None:
                self.skipTest('python3-numpy is not there: nothing to compare with')
            code = recompute.main([str(log), '--columns', columns, '--interval', '1h', '--budget', budget, '--compare', str(card)])
            self.assertEqual(code, 0, budget)

    def test_it_depends_on_neither_shards_nor_threads_nor_a_data_directory(self):
        log = self.log(random.Random(SEED + 1))
        for budget in ([], ['--budget', '1.0x']):
            args = ['--interval', '1h', '--yardsticks', 'all', *budget]
            card = self.card_bytes(log, *args)
            self.assertRegex(card, rb'"left_out_key_intervals": [1-9]')
            self.assertEqual(self.card_bytes(log, *args, '--shards', 1, '--threads', 1), card)
            data = self.path / f'run{len(budget)}'
            self.assertEqual(self.card_bytes(log, *args, '--data-dir', data), card)
            self.assertEqual(self.card_bytes(log, *args, '--data-dir', data, '--resume', '--threads', 2), card)
            kept = self.card(data, *args)
            self.assertEqual(kept['policies'], self.card(log, *args)['policies'])
            self.assertEqual(kept['log']['left_out_key_intervals'], self.card(log, *args)['log']['left_out_key_intervals'])

    def test_a_log_without_empty_counts_leaves_nothing_out(self):
        card = self.card(self.generated(days=4, events=2000))
        self.assertEqual(card['log']['left_out_key_intervals'], 0)

    def test_of_segments_that_are_all_open_nothing_is_known(self):
        rows = ['time,resource,count,segment']
        for i in range(200):
            for segment in 'ab':
                rows.append(f'{i * 3600},r,{"" if i in (150, 160) or (segment == "a" and i == 170) else 2},{segment}')
        log = self.path / 'segments.csv'
        log.write_text('\n'.join(rows) + '\n')
        card = self.card(log, '--interval', '1h', '--columns', 'time=time,resource=resource,count=count,segment=segment')
        self.assertEqual(card['log']['left_out_key_intervals'], 2)


if __name__ == '__main__':
    support.main()
