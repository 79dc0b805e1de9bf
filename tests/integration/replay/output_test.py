#!/usr/bin/env python3
"""Where results go: full disks, closed streams, places that cannot be written. An output is whole or absent, nothing
temporary stays, an older file is kept, and the exit code says so.

Usage: output_test.py FORESTAGE [unittest arguments]
"""
import contextlib
import json
import os
import resource
import subprocess
import unittest

import support
from support import FAILED, OK, USAGE


@contextlib.contextmanager
def small_disk(path, size):
    """A file system of its own, for those who may mount one."""
    path.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'none', str(path)], stderr=subprocess.PIPE)
    if mounted.returncode != 0:
        raise unittest.SkipTest('a small file system cannot be mounted here: ' + mounted.stderr.decode().strip())
    try:
        yield path
    finally:
        subprocess.run(['umount', str(path)], check=True)


def limited(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Streams(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(events=2000, resources=20, regions=2, days=3)
        self.args = ['--interval', '1h']

    def test_a_full_standard_output_is_an_error_and_takes_nothing_along(self):
        card = self.path / 'card.json'
        with open('/dev/full', 'w') as full:
            done = self.replay(self.log, *self.args, '--json', card, code=FAILED, stdout=full)
            self.assertIn('standard output', done.stderr)
            self.assertIn('policies', json.loads(card.read_text()))
            for args in (['--help'], ['version'], ['generate', '--days', 1, '--events', 100]):
                self.assertEqual(support.run(*args, stdout=full).returncode, FAILED, args)

    def test_a_reader_that_left_is_an_error_and_no_signal(self):
        process = support.start('replay', self.log, *self.args, stdout=subprocess.PIPE)
        process.stdout.close()
        process.stdout = None
        said = process.communicate(timeout=120)[1]
        self.assertEqual(process.returncode, FAILED, said)
        self.assertIn('standard output', said)

    def test_nobody_reading_the_messages_ends_no_run(self):
        expected = self.card_bytes(self.log, *self.args)
        card = self.path / 'card.json'
        with open('/dev/full', 'w') as full:
            self.assertEqual(support.run('replay', self.log, *self.args, '--json', card, stderr=full).returncode, OK)
        self.assertEqual(card.read_bytes(), expected)

    def test_closed_streams_never_receive_a_file(self):
        expected = self.card_bytes(self.log, *self.args)
        for closed in ([0], [1], [2], [0, 1], [1, 2], [0, 1, 2]):
            data, card = self.path / f'run{closed}', self.path / f'card{closed}.json'
            shell = 'exec "$0" "$@" ' + ' '.join(f'{n}>&-' for n in closed)
            done = subprocess.run(['sh', '-c', shell, support.FORESTAGE, 'replay', str(self.log), *self.args, '--data-dir', str(data), '--json',
                                   str(card)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, FAILED if 1 in closed else OK, done.stderr)
            self.assertEqual(card.read_bytes(), expected, closed)
            self.assertRegex((data / 'demand.lock').read_text(), r'^\d+\n$')
            self.assertEqual(self.card_bytes(self.log, *self.args, '--data-dir', data, '--resume'), expected)


class Places(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(events=2000, resources=20, regions=2, days=3)
        self.args = [self.log, '--interval', '1h']

    def test_an_output_that_cannot_be_written_is_known_before_the_run(self):
        folder = self.path / 'folder'
        folder.mkdir()
        for option in ('--json', '--speed'):
            for target, code, words in ((self.path / 'no' / 'x', FAILED, 'create the directory'), (folder, USAGE, 'directory'),
                                        (self.log / 'x', FAILED, 'create the directory'), ('-', USAGE, 'name a file'),
                                        ('/proc/version', FAILED, '/proc/version'), ('n' * 300, FAILED, 'too long')):
                done = self.replay(*self.args, option, target, code=code, cwd=self.path)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, '', target)
        self.assertEqual(self.names(), ['folder', 'log.csv'])

    def test_what_is_read_is_never_overwritten(self):
        before = self.log.read_bytes()
        (self.path / 'link').symlink_to(self.log)
        os.link(self.log, self.path / 'hard')
        for target in (self.log, self.path / 'link', self.path / 'hard', self.path / 'x' / '..' / 'log.csv'):
            for option in ('--json', '--speed'):
                self.assertIn('another file', self.replay(*self.args, option, target, code=USAGE).stderr)
        self.assertIn('another file', self.replay(*self.args, '--truth', self.path / 't', '--json', self.path / 't', code=USAGE).stderr)
        self.assertIn('its own', self.replay(*self.args, '--json', self.path / 'x', '--speed', self.path / 'x', code=USAGE).stderr)
        self.assertEqual(self.log.read_bytes(), before)
        self.assertEqual(self.names(), ['hard', 'link', 'log.csv'])

    def test_a_full_device_is_an_error_that_says_so(self):
        for option in ('--json', '--speed'):
            done = self.replay(*self.args, option, '/dev/full', code=FAILED)
            self.assertIn('disk is full', done.stderr)
            self.assertIn('policy', done.stdout)  # the table is not lost
        self.replay(*self.args, '--json', '/dev/null', '--speed', '/dev/null')

    def test_a_pipe_receives_the_scorecard(self):
        read, write = os.pipe()
        done = self.replay(*self.args, '--json', f'/dev/fd/{write}', pass_fds=[write])
        os.close(write)
        with open(read) as stream:
            self.assertIn('policies', json.load(stream), done.stderr)

    def test_a_limit_on_file_sizes_leaves_the_old_file(self):
        card = self.path / 'card.json'
        card.write_text('old')
        done = self.replay(*self.args, '--json', card, code=FAILED, preexec_fn=limited(1024))
        self.assertIn('ulimit', done.stderr)
        self.assertEqual(card.read_text(), 'old')
        self.assertEqual(self.names(), ['card.json', 'log.csv'])

    def test_a_full_disk_leaves_the_old_file(self):
        with small_disk(self.path / 'disk', '16k') as disk:
            card = disk / 'card.json'
            card.write_text('old')
            (disk / 'ballast').write_bytes(bytes(8 * 1024))
            done = self.replay(*self.args, '--yardsticks', 'all', '--json', card, code=FAILED)
            self.assertIn('free some space', done.stderr)
            self.assertEqual(card.read_text(), 'old')
            self.assertEqual(sorted(os.listdir(disk)), ['ballast', 'card.json'])

    def test_a_full_disk_under_a_generated_log_leaves_nothing(self):
        with small_disk(self.path / 'disk', '256k') as disk:
            for name in ('log.csv', 'log.csv.gz', 'log.csv.zst'):
                done = support.run('generate', '--out', disk / name, '--truth', disk / 'truth.jsonl', '--events', '300k', '--days', 3)
                self.assertEqual(done.returncode, FAILED)
                self.assertIn('free some space', done.stderr)
                self.assertEqual(os.listdir(disk), [])


if __name__ == '__main__':
    support.main()
