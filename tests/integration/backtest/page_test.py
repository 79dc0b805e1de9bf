#!/usr/bin/env python3
"""--report: one page whose figures are those of --json, drawn in a real browser, wide and narrow, light and dark.

Usage: page_test.py FORESTAGE [unittest arguments]
"""
import json
import re
import sys
import pathlib

import backtest_case
from backtest_case import BacktestCase, hourly, support

import report_test  # of the replay: opens a page in a browser and says what is there

HOURS = ['--interval', '1h']


class Page(report_test.ReportCase, BacktestCase):
    def page(self, *args):
        out, scores = self.path / 'report.html', self.path / 's.json'
        done = support.run('backtest', *args, '--report', out, '--json', scores)
        if 'without the report page' in done.stderr:
            self.skipTest('this build has no report page')
        self.assertEqual(done.returncode, support.OK, done.stderr)
        document, _, _ = report_test.document_of(out)
        self.assertEqual(document['card'], json.loads(scores.read_text()))
        return out, document

    def test_the_page_draws_every_chart_and_shows_the_scores(self):
        series = {f's{i}': hourly(seed=i, level=20 * i + 1) for i in range(14)}
        series['<script>alert(1)</script>'] = hourly(seed=50, level=1000)
        out, document = self.page(self.table(series), *HOURS, '--origins', '8')
        for width, scheme in ((1280, 'light'), (390, 'dark')):
            seen = self.opened(out, width, scheme)
            self.check_page(seen, ['accuracy', 'horizon', 'curves', 'week', 'calibration'], width, cells=160)
            for name, model in document['card']['models'].items():
                self.assertEqual(seen['rows'][name]['mase'], f'{model["mase"]:.3f}')
                self.assertEqual(seen['rows'][name]['spl'], f'{model["spl"]:.3f}')
            self.assertIsNone(seen['hostile'])
        self.assertEqual(len(document['curves']), 12)
        self.assertEqual(document['curves'][0]['name'], '<script>alert(1)</script>')

    def test_what_the_charts_are_drawn_from_is_what_was_forecast(self):
        series = {f's{i}': hourly(seed=i) for i in range(3)}
        path = self.table(series)
        _, document = self.page(path, *HOURS, '--origins', '3', '--quantiles', '0.025,0.1,0.5,0.9,0.975')
        forecasts = self.forecasts(path, *HOURS, '--origins', '3', '--quantiles', '0.025,0.1,0.5,0.9,0.975')
        for curve in document['curves']:
            values = series[curve['name']]
            first = len(values) - len(curve['actual'])
            self.assertEqual(curve['actual'], [float(v) for v in values[first:]])
            self.assertEqual(len(curve['forecasts']), 3)
            for said in curve['forecasts']:
                rows = forecasts[(curve['name'], first + said['at'])]
                for k, row in enumerate(rows):
                    self.assertAlmostEqual(said['mean'][k], row['mean'], delta=1e-3 * row['mean'] + 1e-9)
                    for level, band in zip(curve['levels'], said['bands']):
                        self.assertAlmostEqual(band[k], row[f'q{level:g}'], delta=1e-3 * row[f'q{level:g}'] + 1e-9)
        # The blocks average to the score: every model's MASE is the mean of its blocks by their lengths.
        lengths = [1 + int(m[2]) - int(m[1]) if (m := re.fullmatch(r'(\d+)–(\d+)', b)) else 1 for b in document['horizon']['blocks']]
        self.assertEqual(sum(lengths), 24)
        for name, blocks in document['horizon']['models'].items():
            whole = sum(n * v for n, v in zip(lengths, blocks)) / 24
            self.assertAlmostEqual(whole, document['card']['models'][name]['mase'], places=6)
        # Calibration counts every forecast hour once.
        self.assertEqual(sum(c['observations'] for c in document['calibration']), 3 * 3 * 24)
        self.assertEqual([m['label'] for m in document['hours']], ['demand, as a multiple of its mean', 'scaled error of the default'])

    def test_series_without_times_and_without_a_future_have_a_page(self):
        wide = self.wide({f's{i}': hourly(seed=i) for i in range(3)})
        for options, charts in ((['--origins', '2'], ['accuracy', 'horizon', 'curves', 'calibration']), (['--origins', 'last'], ['curves']),
                                (['--origins', '2', '--history', '6h'], ['accuracy', 'horizon', 'curves', 'calibration'])):
            out, _ = self.page(wide, *HOURS, *options)
            seen = self.opened(out, 390)
            self.check_page(seen, charts, 390)

    def test_threads_change_no_byte_of_what_is_drawn(self):
        path = self.table({f's{i}': hourly(seed=i) for i in range(20)})
        seen = set()
        for threads in (1, 3):
            _, document = self.page(path, *HOURS, '--origins', '3', '--threads', threads)
            for model in document['card']['models'].values():
                model.pop('cpu_seconds')
            seen.add(json.dumps(document))
        self.assertEqual(len(seen), 1)


if __name__ == '__main__':
    support.main()
