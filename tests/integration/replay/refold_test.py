#!/usr/bin/env python3
"""A data directory as the log of a replay: its roll-ups alone give what the log gave.

Usage: refold_test.py FORESTAGE [unittest arguments]
"""
import support
from demand_db import DemandDb
from support import FAILED, USAGE


class Refold(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=16, habits=0.2)
        self.data = self.path / 'run'
        self.args = ['--yardsticks', 'all', '--policy', 'cost,threshold']
        self.replay(self.log, '--interval', '15m', *self.args, '--data-dir', self.data)
        with DemandDb(self.data) as db:  # nothing but the roll-ups is left
            db.drop_snapshots()
            db.drop_records()

    def outcome(self, log, *args):
        """Everything of the scorecard that does not tell rows from roll-ups."""
        card = self.card(log, *self.args, *args)
        for key in ('rows', 'from', 'to'):
            del card['log'][key]
        del card['settings']['columns']
        return card

    def refused(self, *args, code, **says):
        done = self.replay(*args, code=code)
        for word in says['says']:
            self.assertIn(word, done.stderr)

    def test_roll_ups_alone_give_what_the_log_gave(self):
        for other in ([], ['--budget', '1.0x'], ['--budget', '3', '--cost-ratio', '19:1', '--lead', '2']):
            self.assertEqual(self.outcome(self.data, *other, '--shards', 5), self.outcome(self.log, '--interval', '15m', *other))

    def test_a_coarser_interval_is_a_sum(self):
        self.assertEqual(self.outcome(self.data, '--interval', '1h'), self.outcome(self.log, '--interval', '1h'))

    def test_the_directory_stays_as_it_is(self):
        with DemandDb(self.data) as db:
            before = list(db.db.iterdump())
        self.replay(self.data)
        with DemandDb(self.data) as db:
            self.assertEqual(list(db.db.iterdump()), before)

    def test_a_refold_is_a_run_like_any_other(self):
        again = self.path / 'again'
        first = self.card_bytes(self.data, '--data-dir', again)
        self.assertEqual(self.card_bytes(self.data, '--data-dir', again, '--resume'), first)
        with DemandDb(self.data) as old, DemandDb(again) as new:
            self.assertEqual(new.rollups(), old.rollups())

    def test_of_a_long_log_the_last_weeks_are_kept_exactly(self):
        log, data = self.generated('long.csv', days=75), self.path / 'long'
        self.replay(log, '--interval', '1h', '--data-dir', data)
        card = self.card(data)['log']
        first = card['from']
        self.assertTrue('2026-01-03' < first <= '2026-01-20', first)  # at least 56 of 75 days from 2026-01-01
        with open(log) as rows:
            kept = sum(row[:20] >= first for row in rows if row.startswith('20'))
        self.assertEqual(card['requests'], kept)

    def test_what_cannot_be_is_explained(self):
        self.refused(self.data, '--interval', '5m', code=USAGE, says=['900 s', 'multiple'])
        self.refused(self.data, '--where', 'kind=j', code=USAGE, says=['--where', 'counts'])
        self.refused(self.data, self.log, code=USAGE, says=['alone'])
        self.refused(self.data, '--data-dir', self.data, code=USAGE, says=['another directory'])
        self.refused(self.path, code=USAGE, says=['demand.db', '--data-dir'])

    def test_a_damaged_roll_up_is_named(self):
        with DemandDb(self.data) as db:
            db.db.execute("UPDATE rollup SET bytes = x'ff00ff' WHERE interval = (SELECT max(interval) FROM rollup)")
        self.refused(self.data, code=FAILED, says=['roll-up of 2026-', 'backup'])

    def test_a_directory_without_counts_is_explained(self):
        with DemandDb(self.data) as db:
            db.db.execute('DELETE FROM rollup')
        self.refused(self.data, code=FAILED, says=['no counts'])
        with DemandDb(self.data) as db:
            db.db.execute("DELETE FROM metadata WHERE key = 'log.shape'")
        self.refused(self.data, code=FAILED, says=['replay the log itself'])


if __name__ == '__main__':
    support.main()
