#!/usr/bin/env python3
"""Bad input: every message names the place and the remedy; nothing is written; odd series are forecast all the same.

Usage: bad_input_test.py FORESTAGE [unittest arguments]
"""
import datetime
import random

import backtest_case
from backtest_case import BEGIN, FAILED, USAGE, BacktestCase, hourly, support

HOURS = ['--interval', '1h']

NONSENSE = [
    (['--interval', 'x'], '--interval'), (['--interval', '7m'], '--season'), (['--interval', '8d'], '7 days'),
    (['--season', '24,100'], 'multiple'), (['--season', '0'], '1 to 100000'), (['--season', 'day'], 'such as 24,168'),
    (['--season', '24,24'], 'twice'), (['--season', '2,4,8'], 'at most two'), (['--season', '24,'], 'no number'),
    (['--horizon', '200000'], '100000'), (['--horizon', '-1'], '--horizon'), (['--horizon', 'x'], '--horizon'),
    (['--origins', '0'], 'last or 1'), (['--origins', 'first'], 'write last'), (['--origins', '2,3'], 'write last'),
    (['--origins', 'last', '--every', '3'], 'give --origins N'), (['--every', 'x'], '--every'),
    (['--quantiles', '0.5,1'], 'between 0 and 1'), (['--quantiles', '0'], 'between 0 and 1'), (['--quantiles', 'nan'], 'between 0 and 1'),
    (['--quantiles', '0.5,0.5'], 'twice'), (['--quantiles', 'half'], 'no number'), (['--quantiles', ''], 'no number'),
    (['--history', '5m'], 'at least one --interval'), (['--history', '0'], '--history'), (['--history', 'long'], '--history'),
    (['--threads', '5000'], '--threads'), (['--threads', '-1'], '--threads'), (['--seed', '-1'], '--seed'),
    (['--where', 'nonsense'], 'COLUMN=PATTERN'), (['--columns', 'foo=bar'], 'roles are'), (['--time-format', '%Q'], '%Y'),
    (['--json', '-'], 'name a file'), (['--forecasts', '-'], 'name a file'), (['--report', '-'], 'name a file'),
    (['--no-such-option', 'x'], '--help'),
]


class Options(BacktestCase):
    def test_nonsense_is_a_usage_error_that_says_what_would_do(self):
        path = self.table({'a': hourly(days=5)})
        before = self.names()
        for options, words in NONSENSE:
            with self.subTest(options=options):
                base = [] if options[0] == '--interval' else HOURS
                done = self.backtest(path, *base, *options, code=USAGE)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, '')
        self.assertEqual(self.names(), before)

    def test_outputs_replace_nothing_that_is_read_or_written_otherwise(self):
        path = self.table({'a': hourly(days=5)})
        content = path.read_bytes()
        for option in ('--json', '--forecasts', '--report'):
            self.assertIn('a file that is read', self.backtest(path, *HOURS, option, path, code=USAGE).stderr)
        both = self.path / 'both'
        self.assertIn('the same file', self.backtest(path, *HOURS, '--json', both, '--forecasts', both, code=USAGE).stderr)
        self.backtest(path, *HOURS, '--json', self.path / 'no' / 'such.json', code=FAILED)
        self.assertEqual(path.read_bytes(), content)
        self.assertEqual(self.names(), ['series.csv'])


class Files(BacktestCase):
    def test_a_value_that_is_no_number_is_named_with_file_line_and_series(self):
        values = hourly(days=5)
        values[17] = 'many'
        for path, line in ((self.table({'ok': hourly(days=5), 'web': values}), 2 + 120 + 17), (self.wide({'ok': [1], 'web': values}, 'wide.csv'), 3)):
            for options in ([], ['--origins', 'last', '--forecasts', self.path / 'f.csv']):
                done = self.backtest(path, *HOURS, *options, code=FAILED)
                for words in (f'{path}:{line}:', "'web'", "'many'", 'mend', '--where'):
                    self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, '')
        self.assertNotIn('f.csv', self.names())
        for value in ('-1', 'inf', 'nan', '1e300', '0x10', '1.2.3'):
            values[17] = value
            self.assertIn(value, self.backtest(self.table({'web': values}), *HOURS, code=FAILED).stderr)
            self.assertIn(value, self.backtest(self.wide({'web': values}), *HOURS, code=FAILED).stderr)

    def test_a_row_cut_short_is_named(self):
        path = self.table({'web': hourly(days=5)})
        path.write_text(path.read_text() + 'web,2026-02-01 00:00:00\n')
        self.assertIn(f'{path}:122:', self.backtest(path, *HOURS, code=FAILED).stderr)

    def test_the_series_with_the_bad_row_can_be_left_out(self):
        values = hourly(days=5)
        values[17] = 'many'
        self.backtest(self.table({'ok': hourly(days=5), 'web': values}), *HOURS, '--where', 'series=ok', '--origins', '2')
        self.backtest(self.wide({'ok': hourly(days=5), 'web': values}), *HOURS, '--where', 'id=ok', '--origins', '2')

    def test_a_file_of_values_has_no_times_and_one_column_to_choose_by(self):
        path = self.wide({'a': hourly(days=5)})
        self.assertIn("only the column 'id'", self.backtest(path, *HOURS, '--where', 'series=a', code=USAGE).stderr)
        self.assertIn('no times', self.backtest(path, *HOURS, '--time-format', '%Y-%m-%d', code=USAGE).stderr)
        self.assertIn('check --where', self.backtest(path, *HOURS, '--where', 'id=b', code=FAILED).stderr)
        path.write_text('id,values\na,1 2 3\na,4 5 6\n')
        self.assertIn("'a' comes twice", self.backtest(path, *HOURS, code=FAILED).stderr)
        path.write_text('id,values\n')
        self.backtest(path, *HOURS, code=FAILED)

    def test_a_file_without_values_or_without_times_says_what_to_name(self):
        path = self.path / 'log.csv'
        path.write_text('time,peer\n2026-01-01T00:00:00Z,a\n')
        self.assertIn('count=COLUMN', self.backtest(path, *HOURS, code=USAGE).stderr)
        path.write_text('a,b\nx,1\ny,2\n')
        self.assertIn('--columns time=COLUMN', self.backtest(path, *HOURS, code=USAGE).stderr)
        self.assertIn('no-such.csv', self.backtest(self.path / 'no-such.csv', *HOURS, code=FAILED).stderr)
        path.write_bytes(b'')
        self.backtest(path, *HOURS, code=FAILED)

    def test_a_time_of_two_columns_is_named_with_both(self):
        path = self.path / 'two.csv'
        path.write_text('series,date,hr,value\n' + ''.join(f'a,{d:02}.01.2024,{h},{5 + h}\n' for d in range(1, 9) for h in range(24)))
        columns = ['--columns', 'time=date+hr,resource=series,count=value']
        done = self.backtest(path, *HOURS, *columns, '--time-format', '%d.%m.%Y', code=FAILED)
        for words in ("'date' and 'hr'", "'01.01.2024 0'", 'stands for both'):
            self.assertIn(words, done.stderr)
        done = self.backtest(path, *HOURS, *columns, '--time-format', '%d.%m.%Y %H', '--origins', '2')
        self.assertNotIn('warning', done.stderr)

    def test_steps_that_are_not_the_interval_are_counted_and_rows_taken_in_order(self):
        values = hourly(days=6)
        times = [BEGIN + datetime.timedelta(hours=i) for i in range(len(values))]
        plain = self.forecasts(self.table({'a': values}), *HOURS, '--origins', 'last')
        times[50] = times[49]                                                 # comes twice; then a step of two hours
        times[100:] = [t + datetime.timedelta(minutes=30) for t in times[100:]]  # one step of an hour and a half
        path = self.table({'a': values, 'even': hourly(days=6, seed=3)}, times={'a': times, 'even': [BEGIN + datetime.timedelta(hours=i) for i in range(144)]})
        done = self.backtest(path, *HOURS, '--origins', 'last')
        self.assertIn("2 steps are not of 3600 s and 1 time comes twice or back, in 1 series (the first: 'a'): rows were taken in order", done.stderr)
        odd = self.forecasts(path, *HOURS, '--origins', 'last', '--where', 'series=a')
        self.assertEqual(odd, plain)

    def test_missing_values_are_counted_and_filled(self):
        values = hourly(days=6)
        for i in (0, 30, 31):
            values[i] = ''
        done = self.backtest(self.table({'a': values}), *HOURS, '--origins', '2')
        self.assertIn('3 values are missing', done.stderr)

    def test_series_that_are_too_short_for_the_origins_say_so(self):
        done = self.backtest(self.wide({'a': hourly(days=2)}), *HOURS, '--origins', '7', code=FAILED)
        for words in ('48 observations', '168 before its end', 'lower --origins'):
            self.assertIn(words, done.stderr)
        done = self.backtest(self.wide({'a': hourly(days=12), 'b': hourly(days=2)}), *HOURS, '--origins', '7')
        self.assertIn('1 series begins after the first origin', done.stderr)

    def test_a_constant_series_has_no_scale_and_that_is_said(self):
        done = self.backtest(self.wide({'a': hourly(), 'flat': [7] * 504}), *HOURS, '--origins', '2')
        self.assertIn('1 series does not change from season to season', done.stderr)

    def test_whatever_the_values_forecasts_are_finite_and_ordered(self):
        draw = random.Random(4)
        odd = {
            'zeros': [0] * 504, 'one late value': [0] * 503 + [9], 'one early value': [9] + [0] * 503,
            'spikes': [draw.choice([1, 1, 1, 10 ** 12]) for _ in range(504)], 'dead for a fortnight': hourly(days=7) + [0] * 336,
            'tiny': [1e-12 * draw.random() for _ in range(504)], 'from tiny to huge': [1e-9] * 400 + [1e12] * 104, 'one': [3], 'two': [0, 1e12],
        }
        path = self.wide(odd)
        for options in (['--origins', 'last'], ['--origins', '3'], ['--origins', '2', '--history', '3h'],
                        ['--origins', 'last', '--season', '1'], ['--origins', 'last', '--season', '5,10', '--horizon', '1']):
            with self.subTest(options=options):
                found = self.forecasts(path, *HOURS, *options)
                self.check_forecasts(found, 1 if '--horizon' in options or options[-1] == '1' else 24)


if __name__ == '__main__':
    support.main()
