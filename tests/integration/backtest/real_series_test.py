#!/usr/bin/env python3
"""Real series, on their validation parts only: M4 hourly without its last 48 training points, NAB's tweets without their last
week. The test parts are not looked at here. Bounds are what was measured when the models were settled, with a little room.

Usage: real_series_test.py FORESTAGE [unittest arguments]. The series are looked for beside the repository (../shared), or where
FORESTAGE_SHARED says; when they are not there, nothing is compared and that is said. The instrumented build takes a part of them.
"""
import csv
import gzip
import itertools
import json
import subprocess
import sys
import unittest

import backtest_case
from backtest_case import SCORE, BacktestCase, support

M4 = support.DATA / 'm4_hourly_train.csv.gz'
NAB = support.DATA / 'nab_5min.csv.gz'
MELBOURNE = support.DATA / 'melbourne_pedestrians_2016_hourly.csv.gz'
BANK = support.DATA / 'bank_calls_5min.csv.gz'
CUT, WEEK = 48, 2016


def needs(*paths):
    missing = [str(p) for p in paths if not p.exists()]
    return unittest.skipIf(missing, f'nothing is compared: {", ".join(missing)} is not there')


def read(path):
    with gzip.open(path, 'rt', encoding='utf-8', newline='') as stream:
        yield from csv.DictReader(stream)


class RealSeries(BacktestCase):
    @needs(M4, SCORE)
    def test_m4_hourly_validation(self):
        series = {row['id']: row['values'].split() for row in itertools.islice(read(M4), 24 if support.SLOW else None)}
        train = self.wide({k: v[:-CUT] for k, v in series.items()}, 'train.csv')
        truth = self.wide({k: v[-CUT:] for k, v in series.items()}, 'truth.csv')
        out = self.path / 'f.csv'
        self.backtest(train, '--interval', '1h', '--season', '24,168', '--horizon', CUT, '--origins', 'last', '--quantiles', '0.025,0.5,0.975',
                      '--forecasts', out, timeout=1500)
        done = subprocess.run([sys.executable, str(SCORE), 'm4', str(out), '--train', str(train), '--test', str(truth), '--naive2', 'all'],
                              capture_output=True, encoding='utf-8', check=True)
        scored = json.loads(done.stdout)
        print('M4 validation:', scored, flush=True)
        self.assertEqual(scored['series'], len(series))
        if not support.SLOW:
            self.assertLessEqual(scored['MASE'], .775)
            self.assertLessEqual(scored['sMAPE'], 9.2)
            self.assertLessEqual(scored['MSIS'], 6.5)
            self.assertGreaterEqual(scored['coverage95'], .92)
            self.assertLessEqual(scored['coverage95'], .965)

    def tweets(self):
        series, times = {}, {}
        for row in read(NAB):
            if row['series'].startswith('realTweets/'):
                series.setdefault(row['series'], []).append(row['value'])
                times.setdefault(row['series'], []).append(row['timestamp'])
        weeks = 3 if support.SLOW else 8
        return self.table({k: v[-weeks * WEEK:-WEEK] for k, v in series.items()}, times={k: v[-weeks * WEEK:-WEEK] for k, v in times.items()})

    @needs(NAB)
    def test_tweets_in_the_week_before_the_test_week(self):
        path, origins = self.tweets(), ('--horizon', 288, '--origins', 4 if support.SLOW else 25, '--every', 72)
        models = self.scores(path, *origins)['models']
        print('tweets, validation:', {name: {k: m[k] for k in ('mase', 'spl', 'mase_first_hour', 'spl_first_hour')} for name, m in models.items()}, flush=True)
        if support.SLOW:
            return
        ours = models['default']
        for name, m in models.items():
            if name != 'default':
                self.assertLess(ours['mase'], .95 * m['mase'], name)
                self.assertLess(ours['spl'], .95 * m['spl'], name)
        # Quantiles of counts are whole numbers: their level lies between the share below them and the share at or below.
        values = {}
        with open(path, encoding='utf-8', newline='') as stream:
            for row in csv.DictReader(stream):
                values.setdefault(row['series'], []).append(float(row['value']))
        said = [(row, values[name][origin + k]) for (name, origin), rows in self.forecasts(path, *origins).items() for k, row in enumerate(rows)]
        for q in ours['coverage']:
            below = sum(y < row[f'q{float(q):g}'] for row, y in said) / len(said)
            at_most = sum(y <= row[f'q{float(q):g}'] for row, y in said) / len(said)
            print(f'tweets, validation, {q}: {below:.4f} to {at_most:.4f}', flush=True)
            self.assertLess(below - float(q), .045, q)
            self.assertLess(float(q) - at_most, .045, q)

    @needs(NAB)
    def test_a_cold_start_beats_what_the_series_knows_by_itself(self):
        models = self.scores(self.tweets(), '--horizon', 288, '--origins', 2 if support.SLOW else 7, '--every', 288, '--history', '6h')['models']
        print('cold start, validation:', {name: m['mase'] for name, m in models.items()}, flush=True)
        for name in ('own-median', 'own-time-of-day'):
            self.assertLess(models['default']['mase'], (1 if support.SLOW else .84) * models[name]['mase'], name)

    @needs(BANK)
    def test_working_days_of_169_intervals_are_found_and_the_time_of_day_does_not_win(self):
        rows = list(read(BANK))
        path, out = self.path / 'bank.csv', self.path / 's.json'
        with open(path, 'w', newline='', encoding='utf-8') as stream:
            table = csv.DictWriter(stream, rows[0].keys())
            table.writeheader()
            table.writerows(rows[:len(rows) // 2])
        done = self.backtest(path, '--origins', 4 if support.SLOW else 28, '--json', out)
        self.assertIn('seasons found: 169 and 845 steps', done.stdout)
        models = json.loads(out.read_text())['models']
        if support.SLOW:
            return
        for name, m in models.items():
            self.assertLessEqual(models['default']['mase'], 1.01 * m['mase'], name)
            self.assertLessEqual(models['default']['spl'], 1.01 * m['spl'], name)

    @needs(MELBOURNE)
    def test_places_with_months_of_gaps_have_finite_forecasts(self):
        # Its gaps are zeros or missing rows; a late value once gave NaN.
        path = self.path / 'melbourne.csv'
        rows = list(read(MELBOURNE))
        with open(path, 'w', newline='', encoding='utf-8') as stream:
            out = csv.DictWriter(stream, rows[0].keys())
            out.writeheader()
            kept = {}
            for row in rows:
                kept.setdefault(row['sensor'], []).append(row)
            for own in kept.values():  # the first half
                out.writerows(own[:len(own) // 2])
        found = self.forecasts(path, '--columns', 'time=date_local+hour,resource=sensor,count=count', '--interval', '1h', '--origins', '7')
        self.assertEqual(len(found), 7 * 7)
        self.check_forecasts(found, 24)


if __name__ == '__main__':
    support.main()
