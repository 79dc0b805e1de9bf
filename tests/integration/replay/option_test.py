#!/usr/bin/env python3
"""Options: what makes no sense is a usage error (2) that names the option and the remedy; the edges of what does are replayed.

Usage: option_test.py FORESTAGE [unittest arguments]
"""
import os
import resource
import subprocess

import support
from support import FAILED, OK, USAGE

# Option, a value that makes no sense, words of the message.
NONSENSE = [
    ('--interval', '7m', 'divide a day'), ('--interval', '2d', 'divide a day'), ('--interval', '0', '5m'), ('--interval', '-5m', '5m'),
    ('--interval', '1e3', '5m'), ('--interval', '', '5m'), ('--interval', '99999999999999999999', '5m'), ('--interval', '1s', 'try 1m'),
    ('--lead', '-1', '0 to 1000'), ('--lead', '1001', '0 to 1000'), ('--lead', '9' * 30, '0 to 1000'), ('--lead', 'x', '--lead'),
    ('--lead', '1.5', '--lead'),
    ('--cost-ratio', '9', '9:1'), ('--cost-ratio', '0:1', '9:1'), ('--cost-ratio', '9:0', '9:1'), ('--cost-ratio', 'nan:1', '9:1'),
    ('--cost-ratio', ':', '9:1'), ('--cost-ratio', '1:9:1', '9:1'), ('--cost-ratio', '-9:1', '9:1'), ('--cost-ratio', '9:inf', '9:1'),
    ('--budget', 'x', '1.0x'), ('--budget', '-1', '1.0x'), ('--budget', '0x', '1.0x'), ('--budget', '1.5', '1.0x'),
    ('--budget', '1e300x', '1.0x'), ('--budget', 'nanx', '1.0x'), ('--budget', '9' * 30, '1.0x'),
    ('--warmup', '100%', 'below 100%'), ('--warmup', '1', 'below 100%'), ('--warmup', '-1%', '--warmup'), ('--warmup', 'x', '50%'),
    ('--warmup', 'nan', '50%'), ('--warmup', '', '50%'),
    ('--yardsticks', 'best', 'keepalive-6'), ('--yardsticks', ',', 'or write all'), ('--yardsticks', 'rate-oracle', 'or write all'),
    ('--policy', 'magic', 'cost,threshold'), ('--policy', '', 'cost,threshold'), ('--policy', 'cost,', 'cost,threshold'),
    ('--shards', '0', '1 to 4096'), ('--shards', '5000', '1 to 4096'), ('--shards', '-1', '--shards'),
    ('--threads', '1000', 'at most 256'), ('--threads', 'x', '--threads'), ('--seed', 'x', '--seed'), ('--seed', '-1', '--seed'),
    ('--collection-size', '0', '--collection-size'), ('--collection-size', 'x', '--collection-size'),
    ('--where', 'nonsense', 'COLUMN=PATTERN'), ('--where', '=x', 'COLUMN=PATTERN'),
    ('--columns', 'time', 'role=column'), ('--columns', 'foo=bar', 'roles are'), ('--columns', 'resource=resource', 'add time=COLUMN'),
    ('--columns', 'time=timestamp,time=peer', 'twice'), ('--columns', 'time=timestamp,', 'remove the comma'),
    ('--without', 'magic', 'history, live'), ('--without', 'history,', "''"),
    ('--time-format', '%Q', '%Y'), ('--time-format', '%Y', 'a month'), ('--no-such-option', 'x', '--help'),
]


class Options(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(events=3000, resources=20, regions=2, days=3)
        self.world = self.names()

    def test_nonsense_is_a_usage_error_that_says_what_would_do(self):
        for option, value, words in NONSENSE:
            with self.subTest(option=option, value=value):
                done = self.replay(self.log, option, value, code=USAGE, cwd=self.path)
                self.assertIn(words, done.stderr)
                if option != '--no-such-option':
                    self.assertIn(option.strip('-').split('-')[0].replace('lead', 'lead'), done.stderr)
                self.assertEqual(done.stdout, '')
        self.assertEqual(self.names(), self.world)

    def test_options_that_need_each_other_say_so(self):
        for more, words in ((['--resume'], '--data-dir'), (['--resume', '--data-dir', ''], '--data-dir'),
                            (['--policy', 'threshold', '--threshold', '-1'], '--threshold'),
                            (['--threshold', '1'], '--policy cost,threshold'),
                            (['--policy', 'threshold', '--threshold', 'nan'], '--threshold'),
                            (['--policy', 'threshold', '--threshold', '1e300'], '--threshold')):
            self.assertIn(words, self.replay(self.log, *more, code=USAGE).stderr, more)

    def test_a_command_without_a_log_is_a_usage_error(self):
        for args in ([], ['replay'], ['rewind'], ['replay', '--json']):
            done = support.run(*args)
            self.assertEqual(done.returncode, USAGE, args)
            self.assertIn('--help', done.stderr)

    def test_more_threads_than_may_be_started_are_refused(self):
        options = {'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_NPROC, (30, 30)), 'timeout': 60}
        if os.geteuid() == 0:  # root has no limit
            self.path.chmod(0o755)
            options.update(user=65534, group=65534, extra_groups=[])
        try:
            done = support.run('replay', self.log, '--threads', 200, **options)
        except (PermissionError, subprocess.SubprocessError):
            self.skipTest('no limit can be set here')
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn('fewer --threads', done.stderr)

    def test_help_teaches_with_examples(self):
        for args in (['--help'], ['replay', '--help'], ['generate', '--help']):
            done = support.run(*args)
            self.assertEqual(done.returncode, OK)
            self.assertIn('Examples:', done.stdout)

    def test_a_truth_that_cannot_be_used_is_refused(self):
        for truth, words in (('absent', 'check the path'), (self.log, 'generate --truth'), (self.path, str(self.path))):
            self.assertIn(words, self.replay(self.log, '--truth', truth, code=FAILED).stderr)

    def test_the_edges_of_the_options_are_replayed(self):
        for more in (['--interval', '1d'], ['--interval', '1h', '--lead', 0], ['--interval', '1h', '--lead', 5],
                     ['--interval', '15m', '--lead', 300], ['--interval', '1h', '--lead', 1000], ['--interval', '1m'],
                     ['--warmup', 0], ['--warmup', '99%'], ['--warmup', '99.99%'], ['--cost-ratio', '1:1000000'], ['--cost-ratio', '1e6:1'],
                     ['--budget', 0], ['--budget', 1], ['--budget', '0.000001x'], ['--budget', '1000000x'], ['--budget', 10**12],
                     ['--shards', 1], ['--shards', 4096], ['--threads', 64], ['--threshold', 0, '--policy', 'threshold']):
            with self.subTest(more=more):
                interval = [] if '--interval' in more else ['--interval', '1h']
                card = self.card(self.log, '--yardsticks', 'all', *interval, *more)
                under, over = card['settings']['cost_under'], card['settings']['cost_over']
                requests = {policy['requests'] for policy in card['policies'].values()}
                self.assertEqual(len(requests), 1, requests)
                for name, policy in card['policies'].items():
                    self.assertEqual(policy['warm'] + policy['cold'], policy['requests'], name)
                    self.assertEqual(policy['allocated_unit_intervals'], policy['warm'] + policy['waste_unit_intervals'], name)
                    self.assertAlmostEqual(policy['cost'], under * policy['cold'] + over * policy['waste_unit_intervals'], delta=1e-6 * policy['cost'])
                    self.assertGreaterEqual(policy['cost'], card['policies']['oracle']['cost'], name)

    def test_a_budget_is_kept(self):
        length = self.card(self.log, '--interval', '1h')['log']
        for budget in (0, 1, 3, 20):
            card = self.card(self.log, '--interval', '1h', '--budget', budget, '--yardsticks', 'all', '--policy', 'cost,threshold')
            for name, policy in card['policies'].items():
                self.assertLessEqual(policy['allocated_unit_intervals'], budget * length['regions'] * length['evaluated_intervals'], name)


if __name__ == '__main__':
    support.main()
