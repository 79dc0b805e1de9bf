#!/usr/bin/env python3
"""The scorecard's bytes do not depend on threads, shards, the order of rows or the wrapping of the log.

Usage: determinism_test.py FORESTAGE [unittest arguments]
"""
import csv
import gzip
import json
import random
import shutil
import subprocess
import unittest

import support


class Determinism(support.TestCase):
    def held_to_be_equal(self, log, *args):
        cards = {}
        for threads in (1, 2, 8):
            for shards in (1, 16, 64):
                cards.setdefault(self.card_bytes(log, *args, '--yardsticks', 'all', '--policy', 'cost,threshold', '--threads', threads,
                                                 '--shards', shards), []).append((threads, shards))
        self.assertEqual(len(cards), 1, list(cards.values()))
        return next(iter(cards))

    def test_threads_and_shards_change_no_byte(self):
        log = self.generated(days=5 if support.SLOW else 8, events=4_000 if support.SLOW else 30_000, resources=80 if support.SLOW else 200)
        for budget in ([], ['--budget', '1.0x'], ['--budget', 4]):
            self.held_to_be_equal(log, '--interval', '15m', *budget)

    def test_other_leads_and_costs_change_nothing_about_that(self):
        log = self.generated(days=5, events=3_000 if support.SLOW else 6_000, resources=50 if support.SLOW else 100)
        for more in (['--lead', 0], ['--lead', 5, '--budget', '0.5x'], ['--cost-ratio', '1:1', '--budget', '2.0x'], ['--warmup', 0]):
            self.held_to_be_equal(log, '--interval', '1h', *more)

    def test_a_data_directory_changes_no_byte(self):
        log = self.generated(days=10)
        for budget in ([], ['--budget', '1.0x']):
            self.assertEqual(self.card_bytes(log, *budget, '--data-dir', self.path / f'run{len(budget)}'), self.card_bytes(log, *budget))

    def test_two_runs_are_equal_and_the_scorecard_names_neither_time_nor_place(self):
        log = self.generated()
        other = self.path / 'elsewhere.csv'
        shutil.copy(log, other)
        text = self.card_bytes(log, '--speed', self.path / 'speed.json', '--interval', '15m')
        self.assertEqual(self.card_bytes(other, '--interval', '15m'), text)
        for word in (str(self.path), 'threads', 'shards', 'seconds_elapsed'):
            self.assertNotIn(word.encode(), text)
        self.assertIn('threads', json.loads((self.path / 'speed.json').read_text()))

    @unittest.skipUnless(support.DATA.is_dir(), 'the real logs are not at ../shared/data')
    @unittest.skipIf(support.SLOW, 'the instrumented build replays generated logs only')
    def test_a_real_log_gives_the_same_bytes(self):
        log = support.DATA / 'alibaba_genai_requests_2024.csv.gz'
        columns = ['--columns', 'time=gmt_create,resource=checkpoint_model_version_id,peer=groupId']
        for budget in ([], ['--budget', '1.0x']):
            self.held_to_be_equal(log, *columns, *budget)


class Order(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=6, events=8000)

    def written(self, name, text):
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_the_order_of_rows_changes_no_byte(self):
        header, *rows = self.log.read_text().splitlines(keepends=True)
        rng = random.Random(support.SEED)
        shuffled = rng.sample(rows, len(rows))
        slightly = [row for _, row in sorted((i + rng.uniform(0, 500), row) for i, row in enumerate(rows))]
        for budget in ([], ['--budget', '1.0x']):
            args = ['--interval', '15m', '--yardsticks', 'all', '--policy', 'cost,threshold', *budget]
            expected = self.card_bytes(self.log, *args)
            for name, order in (('shuffled', shuffled), ('reversed', rows[::-1]), ('slightly', slightly)):
                self.assertEqual(self.card_bytes(self.written(name + '.csv', header + ''.join(order)), *args), expected, (name, budget))

    def test_an_unsorted_log_is_resumed_like_a_sorted_one(self):
        header, *rows = self.log.read_text().splitlines(keepends=True)
        shuffled = self.written('shuffled.csv', header + ''.join(random.Random(support.SEED).sample(rows, len(rows))))
        expected = self.card_bytes(self.log)
        self.card_bytes(self.log, '--data-dir', self.path / 'run')
        self.assertEqual(self.card_bytes(shuffled, '--data-dir', self.path / 'run', '--resume'), expected)

    def test_a_log_in_pieces_is_the_log(self):
        header, *rows = self.log.read_text().splitlines(keepends=True)
        third = len(rows) // 3
        pieces = [self.written(f'piece{i}.csv', header + ''.join(rows[i * third:(i + 1) * third if i < 2 else None])) for i in range(3)]
        expected = self.card_bytes(self.log)
        self.assertEqual(self.card_bytes(*pieces), expected)
        self.assertEqual(self.card_bytes(*pieces[::-1]), expected)

    def test_compression_and_format_change_no_policy(self):
        plain = self.log.read_bytes()
        expected = self.card(self.log)
        logs = [self.written('log.csv.gz', gzip.compress(plain)), self.written('unsuffixed', gzip.compress(plain))]
        if shutil.which('zstd'):
            logs.append(self.written('log.csv.zst', subprocess.run(['zstd', '-c'], input=plain, stdout=subprocess.PIPE, check=True).stdout))
        logs.append(self.generated('generated.csv.zst', days=6, events=8000))
        logs.append(self.generated('generated.csv.gz', days=6, events=8000))
        rows = list(csv.DictReader(plain.decode().splitlines()))
        lines = ''.join(json.dumps(row) + '\n' for row in rows)
        logs += [self.written('log.jsonl', lines), self.written('log.jsonl.gz', gzip.compress(lines.encode()))]
        logs.append(self.written('log.tsv', plain.replace(b',', b'\t')))
        for log in logs:
            card = self.card(log)
            for part in ('log', 'policies', 'forecast'):
                self.assertEqual(card[part], expected[part], log.name)

    def test_rows_and_counts_are_the_same_demand(self):
        rows = list(csv.DictReader(self.log.read_text().splitlines()))
        counts = {}
        for row in rows:
            key = row['timestamp'][:16] + ':00Z', row['resource'], row['region']
            counts[key] = counts.get(key, 0) + 1
        text = 'timestamp,resource,region,n\n' + ''.join(f'{t},{r},{g},{n}\n' for (t, r, g), n in counts.items())
        card = self.card(self.written('counts.csv', text), '--columns', 'time=timestamp,resource=resource,region=region,count=n')
        expected = self.card(self.log)
        self.assertEqual((card['policies'], card['forecast']), (expected['policies'], expected['forecast']))


if __name__ == '__main__':
    support.main()
