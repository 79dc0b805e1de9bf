#!/usr/bin/env python3
"""Logs that are broken, hostile or merely small: what cannot be read is refused with the file, the line where there is one,
and a remedy; single bad rows are counted, shown and left out. Never a crash, never half an output.

Usage: bad_log_test.py FORESTAGE [unittest arguments]
"""
import gzip
import json
import os
import random
import shutil
import subprocess
import unittest

import support
from support import FAILED, OK, USAGE

HEADER = b'time,room,n\n'
ROWS = b''.join(b'2020-01-01 00:%02d:00,r%d,1\n' % (i % 60, i % 5) for i in range(200))
GOOD = HEADER + ROWS
COUNTED = ('--columns', 'time=time,resource=room,count=n')
NCSA = b''.join(b'1.2.3.4 - - [10/Oct/2000:13:%02d:36 -0700] "GET /a%d HTTP/1.0" 200 2326 "-" "x"\n' % (i % 60, i % 3)
                for i in range(120))


class LogCase(support.TestCase):
    def tried(self, content, name, more):
        log = self.path / name
        log.write_bytes(content)
        out = self.path / 'out.json'
        done = support.run('replay', log, '--json', out, *more, cwd=self.path, timeout=120)
        self.assertNotIn('Traceback', done.stderr)
        self.assertNotIn('Sanitizer', done.stderr)
        return log, out, done

    def refused(self, content, code, *words, name='bad.csv', more=()):
        """The run fails with this code; its message says all these words, and the file's name; nothing is left behind."""
        log, _, done = self.tried(content, name, more)
        said = support.complaints(done.stderr)
        self.assertEqual(done.returncode, code, said)
        for word in (name, *words):
            self.assertIn(word, said)
        self.assertLess(len(said), 3000, 'a message is for people')
        self.assertEqual(self.names(), [name], 'nothing else is left behind')
        log.unlink()

    def read(self, content, *words, bad=0, requests=None, name='odd.csv', more=()):
        """The run succeeds; of its rows `bad` are bad; the warnings say all these words."""
        log, out, done = self.tried(content, name, more)
        self.assertEqual(done.returncode, OK, done.stderr)
        card = json.loads(out.read_text())
        self.assertEqual(card['log']['bad_rows'], bad, done.stderr)
        if requests is not None:
            self.assertEqual(card['log']['requests'], requests)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.names(), [name, 'out.json'] if name < 'out.json' else ['out.json', name])
        if bad:
            strict = support.run('replay', log, '--strict', *more)
            self.assertEqual(strict.returncode, FAILED, strict.stderr)
            self.assertRegex(strict.stderr, name + r':\d+: ')
            self.assertIn('without --strict', strict.stderr)
        log.unlink()
        out.unlink()
        return card


class NotALog(LogCase):
    def test_a_file_without_rows_is_refused(self):
        for content in (b'', b'\n\n\n', b'\xef\xbb\xbf', b'time,room,n', HEADER, b'time,room,n\r\n\r\n'):
            self.refused(content, FAILED, 'give a log with at least one row')
        for content in (b'', b'\n', HEADER):
            self.refused(gzip.compress(content), FAILED, 'give a log with at least one row', name='bad.csv.gz')

    def test_a_binary_file_is_refused(self):
        noise = random.Random(support.SEED)
        self.refused(noise.randbytes(100_000), FAILED, 'bad.csv:', 'give')
        self.refused(bytes(b or 1 for b in noise.randbytes(10_000)), FAILED, 'bad.csv:', 'UTF-8')
        self.refused(b'\x7fELF\x02\x01\x01' + bytes(100), FAILED, 'bad.csv:1:', 'NUL')
        self.refused(b'\x89PNG\r\n\x1a\n' + noise.randbytes(5000), FAILED, 'bad.csv:')
        self.refused(GOOD.decode().encode('utf-16'), FAILED, 'bad.csv:1:', 'iconv')
        self.refused(GOOD + bytes(10), FAILED, 'bad.csv:202:', 'NUL')
        self.refused(b'PK\x03\x04' + bytes(50), USAGE, 'zip', 'unzip')
        self.refused(b'SQLite format 3\0', USAGE, 'SQLite', 'export')

    def test_compressed_data_that_is_cut_or_damaged_is_refused(self):
        packed = gzip.compress(GOOD)
        for cut in (3, 10, 25, len(packed) // 2, len(packed) - 9, len(packed) - 4, len(packed) - 1):
            self.refused(packed[:cut], FAILED, 'gzip', 'again', name='bad.csv.gz')
        self.refused(b'\x1f\x8b' + random.Random(support.SEED).randbytes(3000), FAILED, 'gzip', 'again', name='bad.csv.gz')
        self.refused(packed[:-8] + bytes(8), FAILED, 'gzip', 'damaged', name='bad.csv.gz')
        self.refused(packed[:60] + b'?' + packed[61:], FAILED, 'gzip', 'damaged', name='bad.csv.gz')
        self.refused(gzip.compress(packed), FAILED, 'bad.csv.gz:1:', name='bad.csv.gz')
        self.refused(b'\x28\xb5\x2f\xfd' + bytes(range(200)), FAILED, 'zstd', 'again', name='bad.csv.zst')

    @unittest.skipUnless(shutil.which('zstd'), 'the zstd command is not installed')
    def test_zstd_data_that_is_cut_is_refused(self):
        packed = subprocess.run(['zstd', '-c'], input=GOOD, stdout=subprocess.PIPE, check=True).stdout
        for cut in (5, len(packed) // 2, len(packed) - 1):
            self.refused(packed[:cut], FAILED, 'zstd', 'again', name='bad.csv.zst')

    def test_a_line_without_end_is_refused(self):
        self.refused(b'a,' * 1_000_000 + b'\n1\n', FAILED, 'bad.csv:1:', 'check the format')
        self.refused(HEADER + b'1,' * 1_000_000 + b'\n' + ROWS, FAILED, 'bad.csv:2:', 'check the format')
        self.refused(HEADER + b'2020-01-01,' + b'x' * 3_000_000 + b',1\n', FAILED, 'bad.csv:2:', 'check the format')
        self.refused(HEADER + b'2020-01-01,"' + ROWS * 400, FAILED, 'bad.csv:2:', 'quote')

    def test_a_header_that_makes_no_sense_is_refused(self):
        self.refused(ROWS, FAILED, 'bad.csv:1:', 'add a header')
        self.refused(b'time,time,room\n' + ROWS, USAGE, "'time' twice", 'rename')
        self.refused(b'a,b,c\n1,2,3\n', USAGE, '--columns', "'a', 'b', 'c'")
        self.refused(b','.join(b'c%d' % i for i in range(20_000)) + b'\n1\n', FAILED, 'columns', 'cut the file')

    def test_a_column_that_does_not_exist_is_a_usage_error(self):
        self.refused(GOOD, USAGE, "no column 'when'", "'time', 'room', 'n'", more=('--columns', 'time=when'))
        self.refused(GOOD, USAGE, "no column 'rooms'", "did you mean 'room'?", more=('--columns', 'time=time,resource=rooms'))
        self.refused(GOOD, USAGE, "no column 'kind'", more=('--where', 'kind=j'))

    def test_a_log_of_which_nothing_is_left_is_refused(self):
        self.refused(GOOD, FAILED, 'none of its 200 rows', 'check --where', more=('--where', 'room=z*'))
        self.refused(HEADER + b'soon,r,1\n' * 50, FAILED, 'none of its 50 rows', 'bad.csv:2:', more=('--columns', 'time=time'))
        self.refused(HEADER + b'soon,r,1\n' * 50, USAGE, 'no column holds times', '--time-format')
        self.refused(HEADER + b'soon,r,1\n', FAILED, 'bad.csv:2:', 'without --strict', more=('--columns', 'time=time', '--strict'))
        self.refused(HEADER + b'2020-01-01,a,\n' * 3, FAILED, 'none of its 3 rows', more=COUNTED)

    def test_json_that_is_not_one_object_a_line_is_refused(self):
        self.refused(b'[{"time":1}]\n', FAILED, 'JSON array', 'jq', name='bad.jsonl')
        self.refused(b'{"time":' * 3 + b'\n' * 3, USAGE, 'bad.jsonl:1:', name='bad.jsonl')
        self.refused(b'{\n "time": "2020-01-01",\n "room": "a"\n}\n', USAGE, '--columns', name='bad.jsonl')
        self.refused(b'[' * 100_000 + b'\n', FAILED, 'bad.jsonl', name='bad.jsonl')

    def test_a_quote_that_is_never_closed_is_found(self):
        self.refused(HEADER + b'2020-01-01 00:00,"a,1\n' + ROWS, USAGE, 'bad.csv:2:', 'quote')

    def test_a_span_out_of_proportion_names_the_row(self):
        self.refused(GOOD + b'2199-12-31,a,1\n', FAILED, 'bad.csv:202:', '--where', '--interval')
        self.refused(GOOD + b'0,a,1\n' + ROWS, FAILED, 'bad.csv:202:', '--where', '--interval')

    def test_more_requests_than_can_be_counted_are_refused(self):
        log = HEADER + b'2020-01-01,a,5000000000\n2020-01-02,a,1\n'
        done = self.tried(log, 'bad.csv', COUNTED)[2]
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("4294967295 requests for 'a'", done.stderr)
        self.assertIn('check the count column', done.stderr)
        self.assertEqual(self.names(), ['bad.csv'])


class NotAFile(support.TestCase):
    def refused(self, path, code, *words, **options):
        done = support.run('replay', path, timeout=60, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_what_is_no_regular_file_is_refused_at_once(self):
        self.refused(self.path / 'absent.csv', FAILED, 'absent.csv', 'check the path')
        self.refused(self.path / 'absent.csv' / 'x', FAILED, 'check the path')
        self.refused('', FAILED, 'check the path')
        self.refused(self.path, USAGE, str(self.path), 'folder', 'files inside')
        os.mkfifo(self.path / 'pipe')
        self.refused(self.path / 'pipe', USAGE, 'pipe', 'read twice', 'to a file first')  # and does not wait for a writer
        self.refused('/dev/null', USAGE, '/dev/null', 'read twice')
        self.refused('/dev/stdin', USAGE, 'read twice', stdin=subprocess.PIPE)
        self.refused('x' * 5000, FAILED, 'check the path')
        (self.path / 'loop').symlink_to('loop')
        self.refused(self.path / 'loop', FAILED, 'loop', 'check the path')

    @unittest.skipUnless(os.geteuid() == 0 or os.name == 'posix', 'needs permissions')
    def test_a_file_that_may_not_be_read_is_refused(self):
        log = self.path / 'secret.csv'
        log.write_bytes(GOOD)
        log.chmod(0)
        options = {}
        if os.geteuid() == 0:  # root may read everything
            self.path.chmod(0o755)
            options = {'user': 65534, 'group': 65534, 'extra_groups': []}
        try:
            self.refused(log, FAILED, 'secret.csv', 'check its permissions', **options)
        except PermissionError:
            self.skipTest('the binary cannot be run by nobody')

    def test_one_bad_file_among_good_ones_is_named(self):
        for name, content in (('a.csv', GOOD), ('b.csv', b'other,columns\n1,2\n'), ('c.csv', b'')):
            (self.path / name).write_bytes(content)
        for bad, code in (('b.csv', USAGE), ('c.csv', FAILED)):
            done = support.run('replay', self.path / 'a.csv', self.path / bad)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(bad, done.stderr)
        twice = self.card(self.path / 'a.csv', self.path / 'a.csv')
        self.assertEqual(twice['log']['requests'], 400)

    def test_a_file_that_is_cut_between_the_passes_does_no_harm(self):
        log = self.generated(events=40000)
        process = support.start('replay', log, '--json', self.path / 'card.json')
        os.truncate(log, 200)
        said = process.communicate(timeout=300)[1]
        self.assertIn(process.returncode, (OK, FAILED), said)
        self.assertEqual((self.path / 'card.json').exists(), process.returncode == OK, said)


class BadRows(LogCase):
    def test_bad_rows_are_counted_shown_and_left_out(self):
        rows = [b'2020-01-01 00:00,a,1', b'1600-01-01 00:00,a,1', b'9999-01-01 00:00,a,1', b'2020-01-01 00:05,a,nan',
                b'2020-01-01 00:05,a,-3', b'2020-01-01 00:05,a,inf', b'2020-01-01 00:05,a,1e300', b'2020-01-01 00:05,a,0x10',
                b'2020-01-01 00:10,' + b'x' * 257 + b',1', b'2020-01-01 00:10,\xff\xfe,1', b'2020-01-01 00:10,\xed\xa0\x80,1',
                b'2020-02-30 00:00,a,1', b'2020-01-01 00:01,late,1', b'2020-01-02 00:00,' + b'x' * 256 + b',2', b'']
        card = self.read(HEADER + b'\n'.join(rows), *(f'odd.csv:{line}:' for line in range(3, 13)), 'not a count', 'outside the years',
                         '257 bytes', 'not valid UTF-8', bad=11, requests=4, more=COUNTED)
        self.assertEqual((card['log']['rows'], card['log']['resources']), (14, 3))

    def test_only_the_first_ten_are_shown(self):
        log = self.path / 'log.csv'
        log.write_bytes(GOOD * 10 + b'never,a,1\n' * 1000)
        done = self.replay(log)
        self.assertIn('1009 bad rows', done.stderr)  # nine headers among them
        self.assertIn('log.csv:2011:', done.stderr)
        self.assertNotIn('log.csv:2012:', done.stderr)

    def test_rows_of_another_length_or_format_are_bad(self):
        self.read(GOOD + b'2020-01-01\n2020-01-01,a\n2020-01-01,a,1,2\n', 'odd.csv:202:', 'odd.csv:204:', bad=3, requests=200)
        self.read(HEADER + b'1,' * 500_000 + b'\n' + ROWS, 'odd.csv:2:', bad=1, requests=200)
        self.read(HEADER + b'2020-01-01 00:00,' + b'x' * 900_000 + b',1\n' + ROWS, '900000 bytes', bad=1, requests=200)
        self.read(HEADER + b'2020-01-01 00:00,"a"b,1\n' + ROWS, 'odd.csv:2:', 'quote', bad=1, requests=200)
        self.read(GOOD + NCSA, 'odd.csv:202:', bad=120, requests=200)
        self.read(GOOD + GOOD, 'odd.csv:202:', bad=1, requests=400)
        self.read(GOOD + b'2020-01-01 00:00,"open,1\n', 'odd.csv:202:', bad=1, requests=200)

    def test_junk_in_an_access_log_is_bad(self):
        junk = b'junk\n\xff\xff\x01\n1.2.3.4 - - [99/Foo/2000:13:00:00] "GET\n'
        self.read(NCSA + junk, 'access.log:121:', 'access.log:123:', bad=3, requests=120, name='access.log')
        tls = b'1.2.3.4 - - [10/Oct/2000:13:00:36 -0700] "\\x16\\x03\\x01" 400 0 "-" "-"\n'
        self.read(NCSA + tls, requests=121, name='access.log')

    def test_json_lines_with_odd_values(self):
        line = '{"time":"2020-01-01 00:%02d","room":%s}\n'
        lines = lambda room: ''.join(line % (i, room) for i in range(60)).encode()
        self.read(lines('"a","room":"b"'), requests=60, name='odd.jsonl')
        self.read(lines('"\\u0000\\ud83d\\ude00"'), requests=60, name='odd.jsonl')
        self.read(lines('"a"') + b'{"time":\n{"time":"2020-01-01"}\nnull\n"x"\n[1]\n', 'odd.jsonl:61:', bad=5, requests=60, name='odd.jsonl')
        self.read(lines('"a"') + b'{"a":' * 100_000 + b'1' + b'}' * 100_000 + b'\n', 'odd.jsonl:61:', bad=1, requests=60, name='odd.jsonl')
        self.read(lines('"a"') + lines('{"a":1}'), 'odd.jsonl:61:', bad=60, requests=60, name='odd.jsonl',
                  more=('--columns', 'time=time,resource=room'))

    def test_messages_hold_no_control_characters(self):
        log = self.path / 'log.csv'
        log.write_bytes(GOOD + b'\x1b[31mred\x07\x9b,a,1\n\x1b[2J,a\n')
        self.assertNotIn('\x1b', self.replay(log).stderr)
        log.write_bytes(b'\x1b[31mtime,b\n1,2\n')
        self.assertNotIn('\x1b', support.run('replay', log).stderr)


class OddButGood(LogCase):
    def test_line_ends_marks_and_separators_change_nothing(self):
        plain = self.read(GOOD, requests=200)['policies']
        for content, name in ((GOOD.replace(b'\n', b'\r\n'), 'odd.csv'), (b'\xef\xbb\xbf' + GOOD, 'odd.csv'), (GOOD[:-1], 'odd.csv'),
                              (GOOD.replace(b',', b';'), 'odd.csv'), (GOOD.replace(b',', b'\t'), 'odd.tsv'), (GOOD, 'plain.csv.gz'),
                              (GOOD.replace(b'\n', b'\n\n'), 'odd.csv'), (gzip.compress(HEADER) + gzip.compress(ROWS), 'odd.csv.gz'),
                              (GOOD.replace(b'r1', b'"r1"'), 'odd.csv')):
            self.assertEqual(self.read(content, requests=200, name=name)['policies'], plain, name)

    def test_hostile_names_are_names(self):
        names = ["'; DROP TABLE record; --", '\x1b[31mred', '../../etc/passwd', '%s%n', '${HOME}', '', ' ', 'é' * 128, '\U0001f600']
        rows = ''.join(f'2020-01-01 00:{i % 60:02d},"{name}",1\n' for i in range(120) for name in names)
        card = self.read(HEADER + rows.encode(), requests=120 * len(names))
        self.assertEqual(card['log']['resources'], len(names))
        log = self.path / 'log.csv'
        log.write_bytes(HEADER + rows.encode())
        for budget in ('none', '1.0x'):
            self.assertEqual(self.card_bytes(log, '--budget', budget, '--data-dir', self.path / f'run{budget}'),
                             self.card_bytes(log, '--budget', budget))

    def test_the_smallest_logs_are_replayed(self):
        row = b'2020-01-01 00:%02d,a,1\n'
        self.assertEqual(self.read(HEADER + row % 0, requests=1)['log']['intervals'], 1)
        self.assertEqual(self.read(HEADER + row % 0 + row % 1, requests=2)['log']['intervals'], 1)
        self.assertEqual(self.read(HEADER + row % 10 + row % 0, requests=2)['log']['intervals'], 3)
        nothing = self.read(HEADER + b'2020-01-01,a,0\n2020-01-03,a,0\n', requests=0, more=COUNTED)
        self.assertIsNone(nothing['policies']['cost']['cost_per_request'])
        for budget in ('0', '1', '1.0x', '0.5x'):
            for content in (HEADER + row % 0, HEADER + row % 0 + row % 30):
                card = self.read(content, more=('--budget', budget, '--policy', 'cost,threshold', '--yardsticks', 'all'))
                for name, policy in card['policies'].items():
                    self.assertEqual(policy['warm'] + policy['cold'], policy['requests'], name)

    def test_great_counts_do_not_overflow(self):
        rows = b''.join(b'2020-01-%02d %02d:00,a%d,4000000000\n' % (1 + i // 24, i % 24, i % 7) for i in range(200))
        for budget in ('none', '1.0x', '1000000000000'):
            card = self.read(HEADER + rows, requests=800_000_000_000, more=(*COUNTED, '--budget', budget, '--interval', '1h', '--yardsticks', 'all'))
            for name, policy in card['policies'].items():
                self.assertEqual(policy['warm'] + policy['cold'], policy['requests'], name)
                self.assertGreaterEqual(policy['waste_unit_intervals'], 0, name)


if __name__ == '__main__':
    support.main()
