#!/usr/bin/env python3
"""--sequence: what peers asked for becomes intents; it needs peers, knows nothing of the future, and its bytes depend on neither threads,
shards nor a restart.

Usage: sequence_test.py FORESTAGE [unittest arguments]
"""
import random

import support
from support import USAGE


class Sequence(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.path / 'walks.csv'
        self.walks(self.log)

    def walks(self, path, until=10 * 96):
        """Peers that come at odd times, and ask for b/x two quarter hours after a/x: nothing but their own past says so."""
        rng = random.Random(support.SEED)
        rows = []
        for peer in range(60):
            at = rng.randrange(40)
            while at < until:
                room = rng.randrange(5)
                rows += [(at, f'a/{room}', peer), (at + 2, f'b/{room}', peer)]
                at += 3 + rng.randrange(80)
        rows = sorted(row for row in rows if row[0] < until)
        path.write_text('timestamp,resource,peer\n' + ''.join(f'{1767225600 + 900 * at + peer},{name},p{peer}\n' for at, name, peer in rows))

    def replayed(self, *more):
        return self.card(self.log, '--interval', '15m', '--sequence', *more)

    def test_what_follows_is_made_ready(self):
        card = self.replayed()
        cost = {name: card['policies'][name]['cost'] for name in ('cost', 'cost-no-intents')}
        self.assertLess(cost['cost'], .9 * cost['cost-no-intents'])
        self.assertEqual(card['policies']['cost']['requests'], card['policies']['cost-no-intents']['requests'])
        plain = self.card(self.log, '--interval', '15m')
        self.assertEqual(plain['policies']['cost']['cost'], cost['cost-no-intents'])

    def test_what_is_said_too_late_is_worth_nothing(self):
        """Two intervals ahead is all that can be known: with a lead of two it comes too late."""
        card = self.replayed('--lead', '2')
        self.assertGreater(card['policies']['cost']['cost'], .97 * card['policies']['cost-no-intents']['cost'])

    def test_threads_shards_and_restarts_change_nothing(self):
        plain = self.card_bytes(self.log, '--interval', '15m', '--sequence', '--threads', '1', '--shards', '1')
        self.assertEqual(self.card_bytes(self.log, '--interval', '15m', '--sequence', '--threads', '2', '--shards', '5'), plain)
        kept = ('--data-dir', self.path / 'run', '--shards', '5')
        self.assertEqual(self.card_bytes(self.log, '--interval', '15m', '--sequence', *kept), plain)
        self.assertEqual(self.card_bytes(self.log, '--interval', '15m', '--sequence', *kept, '--resume'), plain)

    def test_without_peers_it_says_what_is_missing(self):
        done = self.replay(self.log, '--interval', '15m', '--sequence', '--columns', 'time=timestamp,resource=resource', code=USAGE)
        self.assertIn('peer=', done.stderr)
        self.replayed('--data-dir', self.path / 'run')
        done = self.replay(self.path / 'run', '--sequence', code=USAGE)
        self.assertIn('--sequence', done.stderr)


if __name__ == '__main__':
    support.main()
