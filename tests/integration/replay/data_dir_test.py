#!/usr/bin/env python3
"""Data directories that cannot be used: of another run, held, read-only, full, damaged, or no directory at all.

Usage: data_dir_test.py FORESTAGE [unittest arguments]
"""
import os
import sqlite3
import subprocess
import time
import unittest

import support
from output_test import limited, small_disk
from support import FAILED, OK, USAGE


class DataDir(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(events=6000, days=12)
        self.data = self.path / 'run'
        self.args = [self.log, '--interval', '15m', '--data-dir', self.data]

    def refused(self, *words, more=(), code=FAILED, **options):
        done = self.replay(*self.args, *more, code=code, **options)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(done.stdout, '')

    def test_a_directory_with_a_run_is_only_resumed(self):
        self.replay(*self.args)
        self.refused(str(self.data), '--resume', 'empty directory')
        self.replay(*self.args, '--resume')

    def test_a_run_of_another_log_or_with_other_settings_is_not_resumed(self):
        self.replay(*self.args)
        for more in (['--lead', 2], ['--shards', 8], ['--budget', '1.0x'], ['--budget', 3], ['--warmup', '40%'], ['--cost-ratio', '5:1'],
                     ['--policy', 'threshold'], ['--where', 'region=*east*'],
                     ['--columns', 'time=timestamp,resource=peer']):
            self.refused(str(self.data), 'other settings', more=['--resume', *more])
        other = self.generated('other.csv', seed=99, events=6000, days=12)
        self.args[0] = other
        self.refused('another log', more=['--resume'])

    def test_what_changes_no_result_may_change(self):
        first = self.card_bytes(*self.args)
        self.assertEqual(self.card_bytes(*self.args, '--resume', '--threads', 1), first)
        self.card(*self.args, '--resume', '--yardsticks', 'all', '--collection-size', 5)

    def test_a_directory_that_another_process_holds_is_refused(self):
        log = self.generated('long.csv', events=100_000 if support.SLOW else 400_000, resources=500, days=12)
        holder = support.start('replay', log, '--data-dir', self.data)
        try:
            deadline = time.monotonic() + 60
            while not (self.data / 'demand.lock').exists() or not (self.data / 'demand.lock').read_text():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            for more in ([], ['--resume']):
                self.refused(f'process {holder.pid}', 'another data directory', more=more)
        finally:
            holder.kill()
            holder.communicate()
        self.refused('another log', more=['--resume'])  # released by the kernel, and it knows whose it is

    def test_a_place_that_is_no_directory_is_refused(self):
        (self.path / 'file').write_text('x')
        for place in (self.path / 'file', '/dev/null', '/proc/nowhere', self.path / ('n' * 300), self.path / 'file' / 'x'):
            self.args[-1] = place
            self.refused(str(place), 'check that the path exists')
        self.assertEqual((self.path / 'file').read_text(), 'x')

    def test_a_read_only_directory_is_refused(self):
        self.path.chmod(0o755)
        self.log.chmod(0o644)
        self.data.mkdir(mode=0o555)
        options = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        try:
            self.refused(str(self.data), 'permissions', **options)
        except PermissionError:
            self.skipTest('the binary cannot be run by nobody')
        self.assertEqual(os.listdir(self.data), [])

    def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_space(self):
        expected = self.card_bytes(*self.args[:-2])
        with small_disk(self.path / 'disk', '3m') as disk:
            ballast = disk / 'ballast'
            ballast.write_bytes(bytes(2_200_000))
            self.args[-1] = disk / 'run'
            self.refused('full', 'free')
            ballast.unlink()
            subprocess.run(['mount', '-o', 'remount,size=64m', str(disk)], check=True)
            self.assertEqual(self.card_bytes(*self.args, '--resume'), expected)

    def test_a_limit_on_file_sizes_is_said_and_the_run_goes_on_without_it(self):
        expected = self.card_bytes(*self.args[:-2])
        done = self.replay(*self.args, code=FAILED, preexec_fn=limited(150_000))
        self.assertIn(str(self.data), done.stderr)
        self.assertEqual(self.card_bytes(*self.args, '--resume'), expected)

    def test_foreign_and_damaged_databases_are_refused_and_left_alone(self):
        self.data.mkdir()
        file = self.data / 'demand.db'
        file.write_bytes(b'this is no database' * 100)
        before = file.read_bytes()
        for more in ([], ['--resume']):
            self.refused('demand.db', more=more)
        self.assertEqual(file.read_bytes(), before)
        file.unlink()
        with sqlite3.connect(file) as db:
            db.execute('CREATE TABLE mine (x)')
        db.close()
        self.refused('another program', 'another data directory')

    def test_a_damaged_run_is_refused(self):
        self.replay(*self.args)
        file = self.data / 'demand.db'
        whole = file.read_bytes()
        for damaged in (whole[:len(whole) // 2], whole[:8192], whole[:8192] + b'\xa5' * (len(whole) - 8192)):
            file.write_bytes(damaged)
            done = support.run('replay', *self.args, '--resume', timeout=120)
            self.assertEqual(done.returncode, FAILED, done.stderr)
            self.assertIn('demand.db', done.stderr)

    def test_records_that_are_changed_are_refused(self):
        for change, words in (("UPDATE record SET bytes = x'ff'", 'replay into an empty'), ("UPDATE snapshot_chunk SET bytes = zeroblob(length(bytes))", 'empty'),
                              ("DELETE FROM snapshot_chunk", 'empty'), ("UPDATE metadata SET bytes = x'00'", 'other settings')):
            with self.subTest(change=change):
                self.replay(*self.args)
                db = sqlite3.connect(self.data / 'demand.db')
                db.execute(change)
                db.commit()
                db.close()
                self.replay(*self.args, '--resume', code=FAILED)
                for name in os.listdir(self.data):
                    (self.data / name).unlink()
                self.data.rmdir()


if __name__ == '__main__':
    support.main()
