#!/usr/bin/env python3
"""Ctrl-C and SIGTERM end a run soon, with exit code 1, a word, and nothing left behind.

Usage: stop_test.py FORESTAGE [unittest arguments]
"""
import json
import signal
import time

import support
from support import FAILED, OK


class Interrupted(support.TestCase):
    """Ctrl-C and SIGTERM, in either pass, end a run soon, with exit code 1, and leave nothing."""

    def stopped(self, args, after, number, patience=10):
        before = self.names()
        process = support.start('replay', *args, cwd=self.path)
        time.sleep(max(after, 0.5 if support.SLOW else 0.1))  # a program that has not begun has no manners yet
        process.send_signal(number)
        begin = time.monotonic()
        said = process.communicate(timeout=120)[1]
        took = time.monotonic() - begin
        self.assertIn(process.returncode, (OK, FAILED), said)
        if process.returncode == FAILED:
            self.assertIn('stopped', said)
            self.assertEqual(self.names(), before)
            self.assertLess(took, patience * (5 if support.SLOW else 1))
        else:
            json.loads((self.path / 'card.json').read_text())
            (self.path / 'card.json').unlink()
        return process.returncode

    def test_a_run_can_be_stopped_at_any_moment(self):
        log = self.generated(events=40_000 if support.SLOW else 100_000, resources=300, days=8)
        for args in ([log, '--json', 'card.json'], [log, '--json', 'card.json', '--budget', '1.0x']):
            begin = time.monotonic()
            self.replay(*args, cwd=self.path)
            length = time.monotonic() - begin
            (self.path / 'card.json').unlink()
            # the first pass is short: the earliest moments lie in it
            codes = [self.stopped(args, length * share, number) for share, number in
                     zip((0.03, 0.1, 0.3, 0.6, 0.8), (signal.SIGINT, signal.SIGTERM) * 3)]
            self.assertIn(FAILED, codes)

    def test_a_small_log_of_long_work_can_be_stopped(self):
        """Two rows of a century: nearly nothing to read, and 36,525 rounds to close."""
        log = self.path / 'century.csv'
        log.write_text('time,room\n1990-01-01,a\n2090-01-01,a\n')
        self.assertEqual(self.stopped([log, '--interval', '1d', '--json', 'card.json'], 1.0, signal.SIGINT), FAILED)

    def test_a_stopped_run_can_be_resumed(self):
        log = self.generated(events=15_000 if support.SLOW else 100_000, resources=200, days=10)
        expected = self.card_bytes(log)
        data = self.path / 'run'
        process = support.start('replay', log, '--data-dir', data)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        self.assertEqual(self.card_bytes(log, '--data-dir', data, *(['--resume'] if data.exists() else [])), expected)

    def test_an_interrupted_generator_leaves_nothing(self):
        process = support.start('generate', '--out', self.path / 'log.csv', '--truth', self.path / 'truth.jsonl', '--events', '30M')
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=120)[1]
        self.assertEqual(process.returncode, FAILED, said)
        self.assertIn('interrupted', said)
        self.assertEqual(self.names(), [])


if __name__ == '__main__':
    support.main()
