#!/usr/bin/env python3
"""Scores, forecasts and their files: hand values, the independent scorer, threads, cold starts.

Usage: scores_test.py FORESTAGE [unittest arguments]
"""
import gzip
import json
import os
import pty
import random
import subprocess
import sys

import backtest_case
from backtest_case import OK, SCORE, BacktestCase, hourly, support

HOURS = ['--interval', '1h']


def without_times(scores):
    for model in scores['models'].values():
        model.pop('cpu_seconds')
    return scores


class Scores(BacktestCase):
    def test_simple_models_have_the_scores_of_their_equations(self):
        # Two days of two steps: seasonal-naive repeats (1, 5); what comes is (2, 9). The scale is (|1-3| + |5-4|) / 2.
        path = self.wide({'a': [3, 4, 1, 5, 2, 9]})
        found = self.scores(path, *HOURS, '--season', '2', '--horizon', '2', '--origins', '1', '--quantiles', '0.5')['models']
        self.assertAlmostEqual(found['seasonal-naive-short']['mase'], (1 + 4) / 2 / 1.5, places=6)
        self.assertAlmostEqual(found['seasonal-naive-short']['coverage']['0.5'], 0)
        self.assertAlmostEqual(found['seasonal-naive-short']['spl'], (1 + 4) / 2 / 1.5, places=6)  # 2 * pinball of a median

    def test_the_independent_scorer_agrees(self):
        if not SCORE.exists():
            self.skipTest(f'{SCORE} is not there: nothing is compared')
        path = self.table({'web': hourly(), 'chat, "loud"': hourly(seed=2, level=30)})
        out, scores = self.path / 'f.csv', self.path / 's.json'
        self.backtest(path, *HOURS, '--origins', '4', '--forecasts', out, '--json', scores)
        ours = json.loads(scores.read_text())['models']['default']
        done = subprocess.run([sys.executable, str(SCORE), 'rolling', str(out), '--truth', str(path), '--season', '24'],
                              capture_output=True, encoding='utf-8', check=True)
        theirs = json.loads(done.stdout)
        self.assertEqual(theirs['series'], 2)
        for key, name in (('mase', 'MASE'), ('spl', 'SPL'), ('mase_first_hour', 'MASE_12'), ('spl_first_hour', 'SPL_12')):
            self.assertAlmostEqual(ours[key], theirs['mean'][name], places=5, msg=key)
        for q, share in ours['coverage'].items():
            self.assertAlmostEqual(share, theirs['mean'][f'coverage{float(q):g}'], places=6)
        for series, scored in theirs['per_series'].items():
            self.assertAlmostEqual(ours['each'][series]['mase'], scored['MASE'], places=5)

    def test_the_default_beats_the_simple_models_where_the_level_moves(self):
        series = {f's{i}': [round(v * (1 + t / 200)) for t, v in enumerate(hourly(seed=i))] for i in range(4)}
        found = self.scores(self.table(series), *HOURS, '--origins', '6')['models']
        for name, model in found.items():
            if name != 'default':
                self.assertLess(found['default']['mase'], model['mase'], name)
                self.assertLess(found['default']['spl'], model['spl'], name)

    def test_the_default_costs_little_where_the_time_of_day_is_all_there_is(self):
        found = self.scores(self.table({f's{i}': hourly(seed=i) for i in range(4)}), *HOURS, '--origins', '6')['models']
        self.assertLess(found['default']['mase'], 1.02 * found['time-of-day']['mase'])
        self.assertLess(found['default']['mase'], 0.85 * found['seasonal-naive-short']['mase'])

    def test_threads_change_no_byte(self):
        path = self.wide({f's{i}': hourly(days=25, seed=i) for i in range(20)})
        seen = set()
        for threads in (1, 2, 5, 0):
            out = self.path / 'f.csv'
            scores = self.scores(path, *HOURS, '--origins', '3', '--threads', threads, '--forecasts', out)
            seen.add((out.read_bytes(), json.dumps(without_times(scores))))
        self.assertEqual(len(seen), 1)

    def test_the_report_changes_no_score(self):
        path = self.table({f's{i}': hourly(seed=i) for i in range(3)})
        plain = without_times(self.scores(path, *HOURS, '--origins', '3'))
        done = support.run('backtest', path, *HOURS, '--origins', '3', '--json', self.path / 's.json', '--report', self.path / 'r.html')
        if 'without the report page' in done.stderr:
            self.skipTest('this build has no report page')
        self.assertEqual(without_times(json.loads((self.path / 's.json').read_text())), plain)

    def test_forecasts_past_the_end_are_written_and_not_scored(self):
        path = self.wide({'a': hourly(), 'b': hourly(seed=5)[:-7]})
        found = self.forecasts(path, *HOURS, '--horizon', '48', '--origins', 'last', '--quantiles', '0.025,0.5,0.975')
        self.assertEqual(sorted(found), [('a', 504), ('b', 497)])
        self.check_forecasts(found, 48)
        self.assertIsNone(self.scores(path, *HOURS, '--origins', 'last')['models']['default']['mase'])

    def test_a_forecast_file_is_compressed_by_its_name(self):
        path = self.wide({'a': hourly()})
        self.backtest(path, *HOURS, '--origins', 'last', '--forecasts', self.path / 'f.csv.gz')
        with gzip.open(self.path / 'f.csv.gz', 'rt') as stream:
            self.assertTrue(stream.readline().startswith('series,origin,step,mean,q0.5'))

    def test_standard_error_is_silent_when_it_is_no_terminal(self):
        path = self.wide({'a': hourly()})
        done = self.backtest(path, *HOURS)
        self.assertEqual([line for line in done.stderr.splitlines() if not line.startswith('note: ')], [])
        self.assertIn('seasonal-naive-long', done.stdout)

    def test_a_long_run_shows_a_bar_on_a_terminal(self):
        path = self.wide({f's{i}': hourly(days=40, seed=i) for i in range(40 if support.SLOW else 150)})
        ours, theirs = pty.openpty()
        with subprocess.Popen([support.FORESTAGE, 'backtest', str(path), *HOURS, '--origins', '2'], stdout=subprocess.DEVNULL, stderr=theirs) as run:
            os.close(theirs)
            text = b''
            try:
                while part := os.read(ours, 4096):
                    text += part
            except OSError:
                pass
        os.close(ours)
        self.assertEqual(run.returncode, OK)
        self.assertIn(b'forecasting: default [', text)
        self.assertIn(b'\x1b[Knote: ', text[text.rindex(b'steps/s'):])  # it is gone before anything else is said


class Experts(BacktestCase):
    def test_all_models_are_shown_in_text_and_json_and_change_no_score(self):
        path, out = self.table({f's{i}': hourly(seed=i) for i in range(3)}), self.path / 's.json'
        plain = without_times(self.scores(path, *HOURS, '--origins', '3'))['models']
        done = self.backtest(path, *HOURS, '--origins', '3', '--models', 'all', '--json', out)
        every = without_times(json.loads(out.read_text()))['models']
        self.assertEqual({name: every[name] for name in plain}, plain)
        for name in ('mixture', 'profile', 'harmonics', 'smoother-log-1', 'smoother-value-12', 'bands-log', 'bands-value'):
            self.assertGreater(every[name]['mase'], 0, name)
            self.assertIn(f'\n{name} ', done.stdout)
        self.assertIsNone(every['profile']['spl'])
        self.assertIsNone(every['profile']['coverage']['0.9'])
        self.assertGreater(every['bands-log']['spl'], 0)
        self.assertNotIn('sparse-counts', every)

    def test_models_are_picked_by_name(self):
        path = self.wide({'a': hourly()})
        found = self.scores(path, *HOURS, '--models', 'time-of-day,profile')['models']
        self.assertEqual(list(found), ['default', 'time-of-day', 'profile'])
        done = self.backtest(path, *HOURS, '--models', 'lag-linear-1')
        self.assertIn("no model 'lag-linear-1' here", done.stderr)
        done = self.backtest(path, *HOURS, '--models', 'ewma,prophet', code=2)
        self.assertIn("there is no model 'prophet'; there are mixture,", done.stderr)

    def test_counts_that_are_mostly_zero_have_an_expert(self):
        draw = random.Random(4)
        series = {f's{i}': [draw.randrange(1, 9) if draw.random() < .1 else 0 for _ in range(24 * 40)] for i in range(3)}
        found = self.scores(self.table(series), *HOURS, '--origins', '14', '--models', 'all')['models']
        self.assertEqual(found['sparse-counts']['forecasts'], 3 * 14)
        for name in ('ewma', 'time-of-day', 'bands-log', 'bands-value'):
            self.assertLess(found['sparse-counts']['spl'], found[name]['spl'], name)
        self.assertLess(found['default']['spl'], found['bands-log']['spl'])


class Seasons(BacktestCase):
    def test_a_season_that_is_not_the_calendars_is_found_and_said(self):
        draw = random.Random(1)
        rhythm = [draw.randrange(20, 200) for _ in range(31)]
        path, out = self.wide({f's{i}': [v + draw.randrange(9) for v in rhythm * 20] for i in range(3)}), self.path / 's.json'
        for named in ([], ['--season', 'detect']):
            done = self.backtest(path, *HOURS, '--origins', '2', '--json', out, *named)
            self.assertIn('season found: 31 steps (autocorrelation ', done.stdout)
            scores = json.loads(out.read_text())
            self.assertEqual((scores['seasons'], scores['horizon']), ([31], 31))

    def test_where_nothing_is_found_a_day_and_a_week_are_taken(self):
        draw = random.Random(1)
        path, out = self.wide({'a': [draw.randrange(50, 150) for _ in range(24 * 30)]}), self.path / 's.json'
        for named in ([], ['--season', 'detect']):
            done = self.backtest(path, *HOURS, '--json', out, *named)
            self.assertIn('no season found; a day and a week, 24 and 168 are taken', done.stdout)
            self.assertEqual(json.loads(out.read_text())['seasons'], [24, 168])

    def test_nothing_after_the_first_origin_decides(self):
        draw = random.Random(1)
        before = [draw.randrange(50, 150) for _ in range(24 * 30)]
        path = self.wide({'a': before + [100 * (t % 2) for t in range(24 * 200)]})
        self.assertIn('no season found', self.backtest(path, *HOURS, '--origins', '200').stdout)


class ColdStarts(BacktestCase):
    def test_a_series_that_has_just_begun_takes_the_shape_of_the_others(self):
        path = self.table({f's{i}': hourly(seed=i, level=50 * (i + 1)) for i in range(6)})
        found = self.scores(path, *HOURS, '--origins', '5', '--history', '6h')
        self.assertEqual(found['history'], 6)
        models = found['models']
        self.assertEqual(list(models), ['default', 'own-median', 'own-time-of-day'])
        for name in ('own-median', 'own-time-of-day'):
            self.assertLess(models['default']['mase'], 0.8 * models[name]['mase'])

    def test_what_came_before_the_history_is_not_used(self):
        series = {f's{i}': hourly(seed=i) for i in range(3)}
        before = self.forecasts(self.table(series), *HOURS, '--origins', '1', '--history', '6h')
        series['s0'] = [7 * v for v in series['s0'][:-30]] + series['s0'][-30:]
        after = self.forecasts(self.table(series), *HOURS, '--origins', '1', '--history', '6h')
        key = ('s0', 21 * 24 - 24)
        self.assertEqual(after[key], before[key])
        self.assertNotEqual(after[('s1', key[1])], before[('s1', key[1])])  # a donor changed

    def test_a_series_of_less_than_a_season_is_forecast_and_that_is_said(self):
        path = self.wide({**{f's{i}': hourly(seed=i) for i in range(4)}, 'new': hourly()[-15:], 'newest': [5]})
        done = self.backtest(path, *HOURS, '--origins', 'last')
        self.assertIn('2 series have less than a season before the first origin: forecast from a cold start', done.stderr)
        found = self.forecasts(path, *HOURS, '--origins', 'last')
        self.assertEqual(len(found), 6)
        self.check_forecasts(found, 24)
        # 6 o'clock is the peak of the others, 18 the trough; 'new' ends at midnight.
        rows = found[('new', 15)]
        self.assertGreater(rows[6]['q0.5'], 2 * rows[18]['q0.5'])

    def test_one_short_series_alone_has_a_forecast(self):
        found = self.forecasts(self.wide({'a': [3, 4, 5]}), *HOURS, '--origins', 'last')
        self.check_forecasts(found, 24)


if __name__ == '__main__':
    support.main()
