#!/usr/bin/env python3
"""--intents and --calendar: every key explains itself, declarations pay when they are honest and cost nothing when they are not, and the
bytes depend on neither threads, shards nor kills.

Usage: intents_test.py FORESTAGE [unittest arguments]
"""
import json
import random
import shutil
import signal
import subprocess
import time

import support
from demand_db import DemandDb
from report_test import document_of
from support import FAILED, USAGE

# Value of --intents, words of the message.
NONSENSE = [
    ('', "''"), ('p', 'p='), ('p=', '0 to 1'), ('p=1.01', '0 to 1'), ('p=-1', '0 to 1'), ('p=x', '0 to 1'), ('p=nan', '0 to 1'),
    ('noshow=.3', 'p is missing'), ('p=.5,noshow=.96', '0 to .95'), ('p=.5,jitter=2', '0 to 1'), ('p=.5,liars=1', '0 to .95'),
    ('p=.5,liar-rate=.2', 'add liars'), ('p=.5,liars=.2,liar-rate=7', '0 to 1'), ('p=.5,flood=10', 'add liars'),
    ('p=.5,liars=.2,flood=0', '1 to 1000'), ('p=.5,liars=.2,flood=1e9', '1 to 1000'), ('p=.5,sybil', 'add liars'),
    ('p=.5,liars=.2,sybil=yes', 'no value'), ('p=.5,sleepers=1', '0 to .95'), ('p=.5,share-noise=3', '0 to 2'),
    ('p=.5,lead=0', '1 to 100'), ('p=.5,lead=3-1', '1 to 100'), ('p=.5,lead=x', '1-3'), ('p=.5,lead=1-', '1-3'),
    ('p=.5,peers=0', '1 to 10000000'), ('p=.5,peers=1.5', '1 to 10000000'), ('p=.5,top=0', '1 to 100000'), ('p=.5,top=-1', '1 to 100000'),
    ('p=.5,seed=x', 'whole number'), ('p=.5,p=.6', 'twice'), ('p=.5,', "''"), ('p=.5,love=1', 'is none of p, noshow'),
]
FULL = 'p=.5,noshow=.3,jitter=.3,liars=.3,flood=10,sleepers=.2,share-noise=.3,lead=1-3,peers=300,top=40,seed=3'


class IntentCase(support.TestCase):
    def calendar(self, text, name='calendar.csv'):
        path = self.path / name
        path.write_text('resource,from,to,expected,region\n' + text)
        return path


class Options(IntentCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(events=3000, resources=20, regions=2, days=4)

    def test_every_key_that_makes_no_sense_says_what_would_do(self):
        for value, words in NONSENSE:
            with self.subTest(value=value):
                done = self.replay(self.log, '--intents', value, code=USAGE)
                self.assertIn('--intents', done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, '')

    def test_help_names_every_key(self):
        done = support.run('replay', '--help')
        for key in ('--intents', '--calendar', 'noshow', 'jitter', 'liars', 'flood', 'sybil', 'sleepers', 'share-noise', 'lead', 'peers', 'top', 'seed'):
            self.assertIn(key, done.stdout)

    def test_the_edges_of_the_keys_are_replayed(self):
        for value in ('p=0', 'p=1', 'p=100%', 'p=1,noshow=.95', 'p=.5,jitter=1', 'p=.5,lead=100', 'p=.5,peers=1', 'p=.5,top=1', 'p=.5,liars=.95,flood=1000',
                      'p=0,liars=.5,liar-rate=1,sybil', 'p=.5,share-noise=2', f'p=.5,seed={2**64 - 1}'):
            with self.subTest(value=value):
                card = self.card(self.log, '--interval', '1h', '--intents', value)
                self.assertEqual(card['policies']['cost']['requests'], card['policies']['cost-no-intents']['requests'])
                intents = card['intents']
                self.assertLessEqual(intents['kept'], intents['declared'])
                for key in ('kept_share', 'in_time_share', 'mean_credibility', 'keys_requests_share', 'used_share'):
                    self.assertTrue(intents[key] is None or 0 <= intents[key] <= 1, (key, intents[key]))

    def test_a_calendar_that_cannot_be_is_named_by_file_and_line(self):
        for text, words in (('x,2026-01-02,2026-01-03,many,\n', [':2:', 'whole number']), ('x,2026-01-02,2026-01-03,1,\nx,soon,2026-01-03,1,\n', [':3:', 'soon']),
                            (',2026-01-02,2026-01-03,1,\n', [':2:', 'no resource'])):
            done = self.replay(self.log, '--calendar', self.calendar(text), code=FAILED)
            for word in ['calendar.csv', *words]:
                self.assertIn(word, done.stderr)
        done = self.replay(self.log, '--calendar', self.path / 'absent.csv', code=FAILED)
        self.assertIn('absent.csv', done.stderr)

    def test_a_calendar_row_that_names_nothing_is_a_note(self):
        done = self.replay(self.log, '--calendar', self.calendar('nothing-*,2026-01-02,2026-01-03,5,\n'))
        self.assertIn('line 2', done.stderr)

    def test_without_declarations_nothing_is_said_of_them(self):
        card = self.card(self.log)
        self.assertNotIn('intents', card)
        self.assertNotIn('cost-no-intents', card['policies'])


class Worth(IntentCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=16, events=8_000 if support.SLOW else 30_000, resources=40, regions=2)

    def test_declarations_change_nothing_but_what_is_allocated(self):
        plain = self.card(self.log, '--interval', '15m')
        card = self.card(self.log, '--interval', '15m', '--intents', 'p=.5')
        for name, policy in plain['policies'].items():
            if name != 'cost':
                self.assertEqual({**card['policies'][name], 'regret_se': 0}, {**policy, 'regret_se': 0}, name)
        self.assertEqual(card['forecast'], plain['forecast'])
        # The policy without them is the one of a run without them.
        self.assertEqual(card['policies']['cost-no-intents']['cost'], plain['policies']['cost']['cost'])

    def test_honest_declarations_lower_the_cost_and_text_says_so(self):
        card = self.card(self.log, '--interval', '15m', '--intents', 'p=.5')
        self.assertLess(card['intents']['cost_ratio'], 0.95)
        self.assertLess(card['policies']['cost']['cost'], card['policies']['cost-no-intents']['cost'])
        self.assertEqual(card['intents']['kept_share'], 1)
        self.assertGreater(card['intents']['mean_credibility'], 0.95)
        said = self.replay(self.log, '--interval', '15m', '--intents', 'p=.5').stdout
        self.assertIn('simulated declarations', said)
        self.assertIn('cost-no-intents', said)

    def test_liars_and_floods_cost_nothing(self):
        for seed in range(1, support.REPETITIONS + 1):
            for value in ('p=.2,noshow=.3,jitter=.2,liars=.5,flood=10', 'p=0,liars=.5,liar-rate=.5,flood=10,sybil', 'p=0,liars=.5,liar-rate=.5'):
                card = self.card(self.log, '--interval', '15m', '--intents', f'{value},seed={seed}')
                self.assertLessEqual(card['intents']['cost_ratio'], 1.01, (value, seed))

    def test_a_true_calendar_lowers_the_cost_and_a_false_one_does_not_raise_it(self):
        log = self.path / 'classes.csv'
        rng = random.Random(support.SEED)
        announced = []
        with open(log, 'w') as stream:
            print('timestamp,resource,region', file=stream)
            for day in range(1, 29):
                for hour in range(24):
                    print(f'2026-02-{day:02}T{hour:02}:{rng.randrange(60):02}:00Z,room/quiet,eu', file=stream)
                hour = rng.randrange(24)  # nobody could foresee when
                announced.append(f'room/class,2026-02-{day:02} {hour:02}:00,2026-02-{day:02} {hour + 1 if hour < 23 else 23:02}:{"00" if hour < 23 else "59"},40,\n')
                for _ in range(40):
                    print(f'2026-02-{day:02}T{hour:02}:{rng.randrange(59):02}:00Z,room/class,eu', file=stream)
        card = self.card(log, '--interval', '1h', '--calendar', self.calendar(''.join(announced)))
        self.assertLess(card['intents']['cost_ratio'], 0.5)
        self.assertGreater(card['intents']['calendar_credibility'], 0.9)
        wrong = ''.join(f'room/quiet,2026-02-{day:02} 03:00,2026-02-{day:02} 04:00,500,\n' for day in range(1, 29))
        card = self.card(log, '--interval', '1h', '--calendar', self.calendar(wrong))
        self.assertLessEqual(card['policies']['cost']['cost'], 1.01 * card['policies']['cost-no-intents']['cost'])


class Bytes(IntentCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=12, events=6_000 if support.SLOW else 25_000, resources=60, habits=0.2)
        events = self.calendar('*,2026-01-07,2026-01-09,20,\nevent/new,2026-01-08 10:00,2026-01-08 12:00,300,eu-west\n')
        self.args = ['--interval', '15m', '--yardsticks', 'all', '--policy', 'cost,threshold', '--intents', FULL, '--calendar', events]

    def test_threads_and_shards_change_no_byte(self):
        for budget in ([], ['--budget', '1.0x']):
            cards = {self.card_bytes(self.log, *self.args, *budget, '--threads', threads, '--shards', shards)
                     for threads, shards in ((1, 1), (2, 16), (8, 64), (1, 64))}
            self.assertEqual(len(cards), 1)

    def test_the_seed_changes_the_declarations(self):
        first = self.card(self.log, '--interval', '15m', '--intents', 'p=.5,seed=1')
        other = self.card(self.log, '--interval', '15m', '--intents', 'p=.5,seed=2')
        self.assertNotEqual(first['intents']['declared'], other['intents']['declared'])

    def test_a_killed_run_resumes_to_the_same_bytes(self):
        for budget in ([], ['--budget', '1.0x']):
            args = [self.log, *self.args, *budget, '--shards', 8]
            expected = self.card_bytes(*args)
            begin = time.monotonic()
            self.card_bytes(*args, '--data-dir', self.path / 'whole')
            length = time.monotonic() - begin
            shutil.rmtree(self.path / 'whole')
            rng = random.Random(f'{support.SEED} {budget}')
            kills = tries = 0
            while kills < support.REPETITIONS and tries < 10 * support.REPETITIONS:
                tries += 1
                data = self.path / 'run'
                process = support.start('replay', *args, '--data-dir', data, stderr=subprocess.DEVNULL)
                try:
                    process.wait(rng.uniform(0.1, 0.95) * length)
                except subprocess.TimeoutExpired:
                    process.kill()
                    kills += process.wait() == -signal.SIGKILL
                self.assertEqual(self.card_bytes(*args, '--data-dir', data, '--resume', '--threads', rng.choice([1, 2, 8])), expected, f'seed {support.SEED}')
                shutil.rmtree(data)
            self.assertGreater(kills, 0)

    def test_other_declarations_do_not_resume_a_run(self):
        data = self.path / 'run'
        self.replay(self.log, *self.args, '--data-dir', data)
        for more in (['--intents', 'p=.4'], ['--calendar', self.calendar('*,2026-01-07,2026-01-09,21,\n', 'other.csv')]):
            args = ['--interval', '15m', '--policy', 'cost,threshold', '--data-dir', data, '--resume', *more]
            self.assertIn('other settings', self.replay(self.log, *args, code=FAILED).stderr)

    def test_a_data_directory_replays_with_declarations_like_the_log_it_came_from(self):
        data = self.path / 'run'
        plain = ['--interval', '15m', '--yardsticks', 'all']
        self.replay(self.log, *plain, '--data-dir', data)
        with DemandDb(data) as db:  # nothing but the roll-ups is left
            db.drop_snapshots()
            db.drop_records()
        kept, log = (self.card(source, *plain, '--intents', FULL) for source in (data, self.log))
        self.assertEqual(kept['policies'], log['policies'])
        self.assertEqual(kept['intents'], log['intents'])

    def test_records_of_declarations_are_kept_and_read_again(self):
        log = self.generated('short.csv', days=6, events=6_000)
        args = [log, '--interval', '15m', '--intents', FULL]
        expected = self.card_bytes(*args)
        data = self.path / 'run'
        self.assertEqual(self.card_bytes(*args, '--data-dir', data), expected)
        with DemandDb(data) as db:
            db.drop_snapshots()
        self.assertEqual(self.card_bytes(*args, '--data-dir', data, '--resume'), expected)

    def test_a_report_shows_the_run_without_declarations_beside_it(self):
        done = support.run('replay', '/nonexistent', '--report', '/nonexistent.html')
        if 'without the report page' in done.stderr:
            self.skipTest('this forestage was built without the report page')
        card = self.card(self.log, *self.args, '--report', self.path / 'report.html')
        document, _, _ = document_of(self.path / 'report.html')
        self.assertEqual(document['card'], json.loads(json.dumps(card)))
        for name in ('cost', 'cost-no-intents'):
            days = document['days']['policies'][name]
            policy = card['policies'][name]
            self.assertEqual((sum(days['warm']), sum(days['cold']), sum(days['waste'])), (policy['warm'], policy['cold'], policy['waste_unit_intervals']))
        self.assertIn('Declarations', json.dumps(document['settings']))
        self.replay(self.log, '--interval', '15m', '--report', self.path / 'plain.html')
        document, text, _ = document_of(self.path / 'plain.html')
        self.assertNotIn('cost-no-intents', json.dumps(document))
        self.assertNotIn('Declarations', json.dumps(document['settings']))


class Budget(IntentCase):
    def test_a_budget_is_kept_and_declarations_help_within_it(self):
        log = self.generated(days=16, events=8_000 if support.SLOW else 30_000, resources=40, regions=2)
        args = [log, '--interval', '15m', '--budget', '1.0x']
        plain = self.card(*args)
        with_intents = self.card(*args, '--intents', 'p=.8')
        # Two markets that do not know of each other.
        self.assertEqual(with_intents['policies']['cost-no-intents'], {**plain['policies']['cost'], 'regret_se': with_intents['policies']['cost-no-intents']['regret_se']})
        self.assertEqual(with_intents['intents']['cost_ratio_all'],
                         with_intents['policies']['cost']['cost'] / plain['policies']['cost']['cost'])
        self.assertLess(with_intents['policies']['cost']['cost'], plain['policies']['cost']['cost'])
        self.assertGreaterEqual(with_intents['policies']['cost']['cost'], with_intents['policies']['oracle']['cost'])
        self.assertIn('within the budget, on all keys, cost is', self.replay(*args, '--intents', 'p=.8').stdout)
        liars = self.card(*args, '--intents', 'p=0,liars=.5,liar-rate=.5,flood=10')
        self.assertLessEqual(liars['policies']['cost']['cost'], 1.01 * plain['policies']['cost']['cost'])


    def test_any_budget_has_a_second_market(self):
        log = self.generated(days=10, events=6_000 if support.SLOW else 20_000, resources=40, regions=3)
        calendar = self.calendar('*,2026-01-07,2026-01-09,20,\n')
        for budget in ('0.5x', '2'):
            args = [log, '--interval', '15m', '--budget', budget, '--policy', 'cost,threshold']
            plain = self.card(*args)
            card = self.card(*args, '--intents', 'p=.5,noshow=.3', '--calendar', calendar)
            self.assertEqual(card['policies']['cost-no-intents']['cost'], plain['policies']['cost']['cost'], budget)
            self.assertNotEqual(card['policies']['cost']['cost'], plain['policies']['cost']['cost'], budget)
            for name in ('threshold', 'none', 'reactive', 'oracle'):
                self.assertEqual(card['policies'][name], plain['policies'][name], (budget, name))


class Unknown(IntentCase):
    """What was declared for an interval that nobody knows anything about is neither kept nor broken."""

    def test_an_outage_costs_nobody_their_good_name(self):
        # Three weeks of a steady source that fails for five hours, early in the evaluation part; a third of what is declared never comes.
        rng = random.Random(support.SEED)
        rows = ['timestamp,resource,region,count']
        gap = range(12 * 96 + 40, 12 * 96 + 60)
        for i in range(21 * 96):
            day, minute = divmod(i, 96)
            for key in range(8):
                n = sum(rng.random() < .5 for _ in range(6))
                if i not in gap and n:
                    rows.append(f'2026-03-{day + 1:02}T{minute // 4:02}:{minute % 4 * 15:02}:00Z,room/{key},eu,{n}')
        log = self.path / 'log.csv'
        log.write_text('\n'.join(rows) + '\n')
        args = [log, '--interval', '15m', '--intents', 'p=.6,noshow=.3']
        held, folded = self.card(*args), self.card(*args, '--no-freeze')
        print('held and folded:', [(c['intents']['mean_credibility'], c['intents']['cost_ratio']) for c in (held, folded)], flush=True)
        self.assertEqual(held['outages'], {'intervals': len(gap) - 1, 'region_intervals': 0})
        self.assertEqual(held['intents']['declared'], folded['intents']['declared'])
        self.assertGreater(held['intents']['mean_credibility'], folded['intents']['mean_credibility'])

    def test_a_calendar_is_not_wrong_about_what_nobody_counted(self):
        rows = ['timestamp,resource,region,count']
        announced = []
        for day in range(1, 29):
            for hour in range(24):
                busy = hour == (day * 7) % 24
                count = '' if busy and day % 2 else 30 if busy else 1
                rows.append(f'2026-02-{day:02}T{hour:02}:00:00Z,room/class,eu,{count}')
            hour = (day * 7) % 24
            announced.append(f'room/class,2026-02-{day:02} {hour:02}:00,2026-02-{day:02} {hour:02}:59,30,\n')
        log = self.path / 'log.csv'
        log.write_text('\n'.join(rows) + '\n')
        zeros = self.path / 'zeros.csv'
        zeros.write_text('\n'.join(row + '0' if row.endswith(',') else row for row in rows) + '\n')
        calendar = self.calendar(''.join(announced))
        left_open, zero = (self.card(each, '--interval', '1h', '--calendar', calendar) for each in (log, zeros))
        self.assertGreater(left_open['log']['left_out_key_intervals'], 0)
        self.assertGreater(left_open['intents']['calendar_credibility'], .9)
        self.assertLess(zero['intents']['calendar_credibility'], .8)


if __name__ == '__main__':
    support.main()
