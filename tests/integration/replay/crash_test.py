#!/usr/bin/env python3
"""kill -9 at random moments, then --resume: the bytes of an undisturbed run. What the data directory holds is exactly the log.

Usage: crash_test.py FORESTAGE [unittest arguments]; FORESTAGE_TEST_SCALE=long kills 20 times instead of 3.
"""
import collections
import csv
import datetime
import random
import shutil
import signal
import subprocess
import time

import support
from demand_db import DemandDb
from support import FAILED, OK

INTERVAL = 900


class CrashCase(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=20, events=20_000 if support.SLOW else 60_000, resources=100, habits=0.2)
        self.args = ['--interval', f'{INTERVAL}s', '--yardsticks', 'all', '--policy', 'cost,threshold', '--shards', 8]

    def killed(self, after, *args):
        """Starts a replay and kills it; false when it was done before."""
        process = support.start('replay', self.log, *self.args, *args, stderr=subprocess.DEVNULL)
        try:
            process.wait(after)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait() == -signal.SIGKILL

    def raw_counts(self):
        counts = collections.Counter()
        with open(self.log, newline='') as stream:
            for row in csv.DictReader(stream):
                seconds = datetime.datetime.fromisoformat(row['timestamp'].replace('Z', '+00:00')).timestamp()
                counts[row['resource'], row['region'], int(seconds) // INTERVAL] += 1
        return counts


class Kill(CrashCase):
    def killed_and_resumed(self, *budget):
        rng = random.Random(f'{support.SEED} {budget}')
        expected = self.card_bytes(self.log, *self.args, *budget)
        begin = time.monotonic()
        self.card_bytes(self.log, *self.args, *budget, '--data-dir', self.path / 'whole')
        length = time.monotonic() - begin
        kills = again = resumed_in_the_middle = runs = 0
        while kills < support.REPETITIONS:
            data = self.path / f'run{runs}'
            runs += 1
            moment = rng.uniform(0.02, 1.0) * length
            if self.killed(moment, *budget, '--data-dir', data):
                kills += 1
            else:  # it was quicker than expected: this moment does not count
                length = moment
            while rng.random() < 0.4:  # the resumed run is killed as well
                again += self.killed(rng.uniform(0.02, 0.7) * length, *budget, '--data-dir', data, '--resume')
            threads = rng.choice([1, 2, 8])
            out = self.path / 'card.json'
            done = self.replay(self.log, *self.args, *budget, '--data-dir', data, '--resume', '--json', out, '--threads', threads)
            self.assertEqual(out.read_bytes(), expected, f'killed after {moment:.3f} s of {length:.3f}; seed {support.SEED}')
            resumed_in_the_middle += 'resumed after round' in done.stderr
            with DemandDb(data) as db:
                self.assertTrue(db.whole())
                self.assertEqual(db.rollups(), self.raw_counts())
            shutil.rmtree(data)
        print(f'{budget}: {kills} runs killed, {again} more kills while resuming, {resumed_in_the_middle} resumed in the middle, all equal',
              flush=True)

    def test_a_killed_run_resumes_to_the_same_bytes(self):
        self.killed_and_resumed()

    def test_a_killed_run_under_a_budget_resumes_to_the_same_bytes(self):
        self.killed_and_resumed('--budget', '1.0x')


class Directory(CrashCase):
    def test_roll_ups_hold_exactly_the_counts_of_the_log(self):
        data = self.path / 'run'
        self.card_bytes(self.log, *self.args, '--data-dir', data)
        with DemandDb(data) as db:
            self.assertEqual(db.rollups(), self.raw_counts())
            # Records behind the oldest snapshot are dropped, and what is kept is true.
            kept = db.record_counts()
            self.assertTrue(kept.items() <= self.raw_counts().items())
            self.assertGreater(db.snapshots(), 0)

    def short_log(self):
        """Too short for a snapshot, so that every record is still there."""
        self.log = self.generated('short.csv', days=6, events=8_000)

    def test_the_records_alone_are_enough(self):
        self.short_log()
        for budget in ([], ['--budget', '1.0x']):
            expected = self.card_bytes(self.log, *self.args, *budget)
            data = self.path / f'run{len(budget)}'
            self.assertEqual(self.card_bytes(self.log, *self.args, *budget, '--data-dir', data), expected)
            with DemandDb(data) as db:
                self.assertEqual(db.record_counts(), self.raw_counts())
                db.drop_snapshots()
            self.assertEqual(self.card_bytes(self.log, *self.args, *budget, '--data-dir', data, '--resume'), expected)

    def test_snapshots_that_are_gone_with_their_records_are_missed(self):
        data = self.path / 'run'
        self.card_bytes(self.log, *self.args, '--data-dir', data)
        with DemandDb(data) as db:
            self.assertGreater(max(db.first_positions().values()), 1)
            db.drop_snapshots()
        done = self.replay(self.log, *self.args, '--data-dir', data, '--resume', code=FAILED)
        self.assertIn('snapshot', done.stderr)
        self.assertIn('empty', done.stderr)
        with DemandDb(data) as db:  # the roll-ups still have everything
            self.assertEqual(db.rollups(), self.raw_counts())

    def test_a_finished_run_may_be_resumed(self):
        for budget in ([], ['--budget', '1.0x']):
            data = self.path / f'run{len(budget)}'
            first = self.card_bytes(self.log, *self.args, *budget, '--data-dir', data)
            self.assertEqual(self.card_bytes(self.log, *self.args, *budget, '--data-dir', data, '--resume'), first)
            self.assertEqual(self.card_bytes(self.log, *self.args, *budget, '--data-dir', data, '--resume'), first)

    def test_resuming_nothing_begins_at_the_beginning(self):
        expected = self.card_bytes(self.log, *self.args)
        self.assertEqual(self.card_bytes(self.log, *self.args, '--data-dir', self.path / 'new' / 'run', '--resume'), expected)


if __name__ == '__main__':
    support.main()
