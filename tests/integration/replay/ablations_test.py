#!/usr/bin/env python3
"""--without and --ablations: a run that does without a source says so, is as deterministic as any other, and the table that --ablations
prints is that of the runs one by one.

Usage: ablations_test.py FORESTAGE [unittest arguments]
"""
import re

import support
from report_test import document_of
from support import FAILED, USAGE

ROW = re.compile(r'^(\S.*?)\s{2,}([0-9.]+)\s+([0-9.]+)\s+([0-9.]+|-)$')


class Ablations(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=8, resources=12, regions=1, sessions=6, flash=0, births=0)
        self.arguments = (self.log, '--interval', '30m')

    def cost(self, *more):
        return self.card(*self.arguments, *more)['policies']['cost']['cost_per_request']

    def rows(self, *more, **options):
        text = self.replay(*self.arguments, '--ablations', *more, **options).stdout
        self.assertIn('cost with it', text)
        found = {}
        for line in text[text.index('cost with it'):].splitlines()[1:]:
            if row := ROW.match(line):
                found[row[1]] = (float(row[2]), float(row[3]))
        return found

    def test_a_run_says_what_it_did_without(self):
        card = self.card(*self.arguments, '--without', 'live,history')
        self.assertEqual(card['settings']['without'], 'history,live')
        self.assertNotIn('without', self.card(*self.arguments)['settings'])
        self.assertIn('do without history,live', self.replay(*self.arguments, '--without', 'history,live').stdout)

    def test_a_timetable_costs_more_without_history(self):
        self.assertGreater(self.cost('--without', 'history'), 1.02 * self.cost())

    def test_threads_and_shards_change_nothing(self):
        for source in ('history', 'live', 'pooling', 'recalibration'):
            with self.subTest(source=source):
                arguments = (*self.arguments, '--without', source, '--budget', '1.0x')
                self.assertEqual(self.card_bytes(*arguments, '--threads', '1', '--shards', '1'),
                                 self.card_bytes(*arguments, '--threads', '2', '--shards', '7'))

    def test_a_run_is_not_resumed_with_another_source_left_out(self):
        kept = ('--data-dir', self.path / 'run')
        first = self.card_bytes(*self.arguments, *kept, '--without', 'live')
        self.assertEqual(self.card_bytes(*self.arguments, *kept, '--resume', '--without', 'live'), first)
        done = self.replay(*self.arguments, *kept, '--resume', code=FAILED)
        self.assertIn('other settings', done.stderr)

    def test_the_table_is_that_of_the_runs_one_by_one(self):
        rows = self.rows()
        self.assertEqual(list(rows), ['history', 'live rates', 'pooling'])
        known = self.cost()
        for name, source in (('history', 'history'), ('live rates', 'live'), ('pooling', 'pooling')):
            self.assertAlmostEqual(rows[name][0], known, places=3)
            self.assertAlmostEqual(rows[name][1], self.cost('--without', source), places=3)

    def test_what_is_told_and_what_a_budget_needs_have_rows_of_their_own(self):
        calendar = self.path / 'calendar.csv'
        calendar.write_text('resource,from,to,expected\n*,2026-01-06,2026-01-07,5\n')
        rows = self.rows('--budget', '1.0x', '--intents', 'p=.5', '--calendar', calendar)
        self.assertEqual(list(rows), ['history', 'live rates', 'pooling', 'recalibration', 'intents', 'calendar'])
        without = self.cost('--budget', '1.0x', '--calendar', calendar)
        self.assertAlmostEqual(rows['intents'][1], without, places=3)

    def test_the_scorecard_and_what_is_kept_stay_those_of_the_run_itself(self):
        plain = self.card_bytes(*self.arguments)
        self.assertEqual(self.card_bytes(*self.arguments, '--ablations', '--data-dir', self.path / 'run'), plain)
        self.assertEqual(self.card_bytes(*self.arguments, '--resume', '--data-dir', self.path / 'run'), plain)

    def test_the_report_shows_them(self):
        page = self.path / 'report.html'
        done = support.run('replay', *self.arguments, '--ablations', '--report', page)
        if 'without the report page' in done.stderr:
            self.skipTest('this build has no page')
        self.assertEqual(done.returncode, 0, done.stderr)
        found = document_of(page)[0]['ablations']
        self.assertEqual([a['name'] for a in found], ['history', 'live rates', 'pooling'])
        self.assertTrue(all(a['better'] == 'lower' and a['with'] > 0 for a in found))

    def test_without_the_policy_there_is_nothing_to_compare(self):
        done = self.replay(*self.arguments, '--ablations', '--policy', 'threshold', code=USAGE)
        self.assertIn('--policy cost,threshold', done.stderr)


if __name__ == '__main__':
    support.main()
