#!/usr/bin/env python3
"""--columns …,segment=COLUMN: shares of a key's demand by hour pay where segments come at other hours, small segments are hidden, and
nothing depends on threads, shards, a restart or the way through a data directory.

Usage: segment_test.py FORESTAGE [unittest arguments]
"""
import random

import support
from support import FAILED, USAGE


class Segments(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.path / 'log.csv'
        rng = random.Random(support.SEED)
        rows = []
        for hour in range(12 * 24):
            for room in range(4):
                for segment, share in (('phone', .9 if hour % 24 >= 12 else .1), ('web', .1 if hour % 24 >= 12 else .9)):
                    for _ in range(sum(rng.random() < share for _ in range(8))):
                        rows.append((1767225600 + 3600 * hour + rng.randrange(3600), f'room/{room}', segment, f'{segment}{rng.randrange(30)}'))
        rows += [(1767225600 + 86400 * day, 'room/0', 'watch', 'w1') for day in range(12)]
        rows.sort()
        self.log.write_text('time,room,device,peer\n' + ''.join(','.join(map(str, row)) + '\n' for row in rows))
        self.arguments = (self.log, '--columns', 'time=time,resource=room,segment=device,peer=peer', '--interval', '1h')

    def test_hours_that_differ_pay_and_the_segments_add_up(self):
        card = self.card(*self.arguments)
        s = card['segments']
        self.assertLess(s['cost_per_request'], .8 * s['flat_cost_per_request'])
        self.assertLess(s['together_cost_per_request'], s['cost_per_request'])
        self.assertEqual(sorted(s['of']), ['other', 'phone', 'watch', 'web'])
        self.assertEqual(sum(of['requests'] for of in s['of'].values()), card['policies']['cost']['requests'])
        self.assertLess(s['of']['phone']['error_per_request'], .7 * s['of']['phone']['flat_error_per_request'])
        text = self.replay(*self.arguments).stdout
        self.assertIn('with units of its own for each segment (', text)

    def test_segments_move_no_decision(self):
        plain = self.card(self.log, '--columns', 'time=time,resource=room,peer=peer', '--interval', '1h')
        self.assertNotIn('segments', plain)
        self.assertEqual(self.card(*self.arguments)['policies'], plain['policies'])

    def test_threads_shards_restarts_and_refolds_change_nothing(self):
        plain = self.card_bytes(*self.arguments, '--threads', '1', '--shards', '1')
        self.assertEqual(self.card_bytes(*self.arguments, '--threads', '2', '--shards', '7'), plain)
        kept = self.path / 'run'
        self.card_bytes(*self.arguments, '--data-dir', kept)
        self.assertEqual(self.card_bytes(*self.arguments, '--data-dir', kept, '--resume'), plain)
        refolded = self.card(kept)
        self.assertEqual(refolded['segments'], self.card(*self.arguments)['segments'])
        done = self.replay(self.log, '--columns', 'time=time,resource=room,peer=peer', '--interval', '1h', '--data-dir', kept, '--resume', code=FAILED)
        self.assertIn('other settings', done.stderr)

    def test_two_columns_are_joined(self):
        s = self.card(self.log, '--columns', 'time=time,resource=room,segment=device+room', '--interval', '1h')['segments']
        self.assertIn('phone/room/1', s['of'])

    def test_small_segments_are_hidden_and_so_is_what_would_show_them(self):
        s = self.card(*self.arguments, '--min-peers', '5')['segments']
        # 'watch' has one peer; alone in `other` it would be shown, so the smaller of the rest is with it.
        self.assertEqual(len(s['of']), 2)
        self.assertTrue(set(s['of']) < {'other', 'phone', 'web'})
        self.assertEqual(s['too_small'], 2)
        self.assertIn("2 segments were too small", self.replay(*self.arguments, '--min-peers', '5').stdout)
        self.replay(*self.arguments, '--min-peers', '0', code=USAGE)

    def small(self, rows, *more, columns='time=time,region=region,segment=device,peer=peer'):
        """The segments that are told of rows (region, device, peer, requests), every hour of four days."""
        log = self.path / 'small.csv'
        log.write_text('time,region,device,peer,n\n' + ''.join(f'{1767225600 + 3600 * hour},{",".join(map(str, row))}\n' for hour in range(96) for row in rows))
        return self.card(log, '--columns', columns + ',count=n', '--interval', '1h', *more).get('segments')

    def test_a_name_that_is_hidden_stands_nowhere(self):
        kept, card, report = self.path / 'hidden', self.path / 'hidden.json', self.path / 'hidden.html'
        self.replay(*self.arguments, '--min-peers', '5', '--data-dir', kept, '--json', card, '--report', report)
        for path in (card, report, *(p for p in kept.iterdir() if p.is_file())):
            self.assertNotIn(b'watch', path.read_bytes(), path.name)

    def test_a_peer_of_two_small_segments_is_one(self):
        rows = [('eu', 'phone', f'p{i}', 1) for i in range(3)] + [('eu', 'tv', 'x', 1), ('eu', 'watch', 'x', 1)]
        self.assertIsNone(self.small(rows, '--min-peers', '2'))
        self.assertEqual(sorted(self.small(rows[:-1] + [('eu', 'watch', 'y', 1)], '--min-peers', '2')['of']), ['other', 'phone'])

    def test_peers_without_requests_are_none(self):
        rows = [('eu', 'phone', f'p{i}', 1) for i in range(5)] + [('eu', 'tv', f't{i}', 1) for i in range(5)] + [('eu', 'web', f'w{i}', 1) for i in range(5)]
        rows += [('eu', 'watch', f'x{i}', 1 if i == 0 else 0) for i in range(5)]
        self.assertEqual(len(self.small(rows, '--min-peers', '5')['of']), 3)

    def test_figures_of_the_evaluation_part_need_peers_of_it(self):
        # Five watches before the evaluation part, one in it: its figures would be that one's. Five cars before it, none in it: nothing would be shown.
        log = self.path / 'part.csv'
        rows = []
        for hour in range(96):
            names = [f'{kind}{i}' for kind in ('phone', 'tv', 'web') for i in range(5)]
            names += [f'{kind}{i}' for kind in ('watch', 'car') for i in range(5)] if hour < 48 else ['watch0']
            rows += [f'{1767225600 + 3600 * hour},{name[:-1]},{name}\n' for name in names]
        for order in (rows, rows[::-1]):
            log.write_text('time,device,peer\n' + ''.join(order))
            s = self.card(log, '--columns', 'time=time,segment=device,peer=peer', '--interval', '1h', '--min-peers', '5')['segments']
            self.assertEqual({name: of['requests'] for name, of in s['of'].items()}, {'other': 48 * 6, 'car': 0, 'phone': 240, 'tv': 240})

    def test_what_is_other_in_all_regions_together_is_no_small_segment_either(self):
        # All of 'us' is one peer; `other` would be that peer's requests, so the smaller segment of 'eu' joins.
        rows = [('eu', 'phone', f'p{i}', 2) for i in range(5)] + [('eu', 'tv', f't{i}', 1) for i in range(5)] + [('us', 'phone', 'x', 1)]
        for rows in (rows, rows[::-1]):
            of = self.small(rows, '--min-peers', '5')['of']
            self.assertEqual({name: s['requests'] for name, s in of.items()}, {'other': 48 * 6, 'phone': 48 * 10})

    def test_min_peers_that_can_hide_nothing_are_refused(self):
        for columns, words in (('time=time,resource=room,segment=device', 'peer=COLUMN'), ('time=time,resource=room,peer=peer', 'segment=COLUMN')):
            self.assertIn(words, self.replay(self.log, '--columns', columns, '--min-peers', '5', code=USAGE).stderr)
        kept = self.path / 'run'
        self.replay(*self.arguments, '--data-dir', kept)
        self.assertIn('is a data directory', self.replay(kept, '--min-peers', '5', code=USAGE).stderr)
        self.assertIn('other settings', self.replay(*self.arguments, '--data-dir', kept, '--resume', '--min-peers', '2', code=FAILED).stderr)

    def test_counts_that_nobody_knows_are_unknown_in_all_segments_together(self):
        log = self.path / 'open.csv'
        log.write_text('time,device,n\n' + ''.join(
            f'{1767225600 + 3600 * hour},{device},{"" if hour % 24 in (3, 4, 5) else n}\n' for hour in range(240) for device, n in (('a', 5), ('b', 3))))
        cards = [self.card(log, '--columns', f'time=time,count=n{more}', '--interval', '1h')['policies'] for more in ('', ',segment=device')]
        self.assertEqual(*cards)
        # The limit of a cell is its own, whatever the cell before had.
        log.write_text('time,device,n\n1767225600,a,4000000000\n1767229200,,\n1767229200,a,1000000000\n1767398400,a,5\n')
        self.replay(log, '--columns', 'time=time,count=n,segment=device', '--interval', '1h')

    def test_columns_without_any_segment_are_said_and_names_of_any_kind_are_shown(self):
        log = self.path / 'odd.csv'
        log.write_text('time,device\n' + ''.join(f'{1767225600 + 3600 * hour},\n' for hour in range(48)))
        self.assertIn('no row names one', self.replay(log, '--columns', 'time=time,segment=device', '--interval', '1h').stderr)
        log.write_text('time,device\n' + ''.join(f'{1767225600 + 3600 * hour},{name}\n' for hour in range(48) for name in ('\x1b[31mred', 'x' * 256, 'other', '+', '/')))
        done = self.replay(log, '--columns', 'time=time,segment=device', '--interval', '1h')
        self.assertIn("segment: column 'device'", done.stderr)
        self.assertNotIn('\x1b', done.stdout)
        self.assertLess(max(map(len, done.stdout.splitlines())), 180)

    def test_many_segments_are_bounded(self):
        log = self.path / 'many.csv'
        log.write_text('time,device\n' + ''.join(f'{1767225600 + 60 * i},d{i % 40}\n' for i in range(4000)))
        s = self.card(log, '--columns', 'time=time,segment=device', '--interval', '1h')['segments']
        self.assertEqual((len(s['of']), s['names'], s['too_many']), (16, 40, 25))
        log.write_text('time,device\n' + ''.join(f'{1767225600 + i},d{i}\n' for i in range(10002)))
        done = self.replay(log, '--columns', 'time=time,segment=device', code=FAILED)
        for word in ('many.csv:10002', 'class of peers'):
            self.assertIn(word, done.stderr)

    def test_counts_of_all_segments_together_are_bounded_and_named(self):
        log = self.path / 'big.csv'
        log.write_text('time,device,n\n' + ''.join(f'{1767225600},{d},3000000000\n' for d in ('a', 'b')) + '1767312000,a,1\n')
        done = self.replay(log, '--columns', 'time=time,segment=device,count=n', code=FAILED)
        self.assertIn('4294967295', done.stderr)

    def test_columns_that_make_no_sense_are_named(self):
        for columns, words in (('time=time,segment=device+room+peer', 'segment=device+plan'), ('time=time,segment=device,segment=room', 'twice'),
                               ('time=time,segment=+room', 'beside'), ('time=time,segmnt=room', "did you mean 'segment'")):
            done = self.replay(self.log, '--columns', columns, code=USAGE)
            self.assertIn(words, done.stderr)


if __name__ == '__main__':
    support.main()
