#!/usr/bin/env python3
"""What a log does not say is not zero demand: outages of its source are noticed and not learned from, nor are open counts.

Usage: outage_test.py FORESTAGE [unittest arguments]
"""
import datetime
import math
import random

import support
from support import SEED

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


if __name__ == '__main__':
    support.main()
