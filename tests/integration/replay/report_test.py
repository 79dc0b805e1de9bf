#!/usr/bin/env python3
"""--report: one file, the figures of --json in it, every chart drawn in a real browser, nothing that a log can smuggle in.

Usage: report_test.py FORESTAGE [unittest arguments]; CHROMIUM names the browser (default: chromium in the path)
"""
import csv
import json
import os
import re
import shutil
import subprocess
import unittest

import support
from support import FAILED, OK, USAGE

CHROMIUM = os.environ.get('CHROMIUM') or shutil.which('chromium') or shutil.which('chromium-browser')
PAGE = support.SOURCE / 'web' / 'report'
HOSTILE = ['</script><script>window.hostile=1</script>', '<img src=x onerror="window.hostile=2">', '<!--<script>', "{a|b}'\"&amp;", 'caf\u00e9 \u2028 \U0001f600',
           '__proto__']


def no_browser():
    if not CHROMIUM:
        return 'no Chromium is there: install chromium, or name one with CHROMIUM'
    if not shutil.which('node'):
        return 'no node is there'
    if not (PAGE / 'node_modules' / 'playwright-core').is_dir():
        return 'playwright-core is not there: build the page (FORESTAGE_REPORT=ON) or npm ci in web/report'
    return None


def document_of(path):
    """The JSON in a report, and where it stands."""
    text = path.read_text(encoding='utf-8')
    found = re.search(r'<script type="application/json" id="forestage-data">(.*?)</script>', text, re.S)
    return json.loads(found[1]), text, found.span(1)


def grouped(value):
    return f'{value:,.0f}'


def percent(value):
    return '–' if value is None else f'{value * 100:,.1f} %'


class ReportCase(support.TestCase):
    @classmethod
    def setUpClass(cls):
        said = support.run('replay', '/nonexistent', '--report', '/nonexistent.html').stderr
        if 'without the report page' in said:
            raise unittest.SkipTest('this forestage was built without the report page (npm or its packages were not to be had)')

    def report(self, *args, name='report.html'):
        path = self.path / name
        self.replay(*args, '--report', path)
        return path

    def opened(self, path, width=1280, scheme='light'):
        missing = no_browser()
        if missing:
            self.skipTest(missing)
        done = subprocess.run(['node', str(support.SOURCE / 'tests/integration/replay/report_page.mjs'), CHROMIUM, str(path), str(width), scheme],
                              capture_output=True, encoding='utf-8', timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def check_page(self, seen, charts, width, cells=168):
        self.assertEqual(seen['ready'], 'yes')
        self.assertEqual(seen['console'], [])
        self.assertEqual(seen['requests'], [])
        self.assertEqual(seen['lang'], 'en')
        self.assertLessEqual(seen['scrollWidth'], width, 'the page scrolls sideways')
        self.assertGreaterEqual(seen['contrast']['ratio'], 4.5, seen['contrast'])
        self.assertEqual([f['id'] for f in seen['figures']], charts)
        for f in seen['figures']:
            self.assertGreaterEqual(f['marks'], cells if f['id'] == 'week' else 1, f)
            self.assertGreater(f['texts'], 3, f)
            self.assertGreater(f['width'], min(300, width * 0.7), f)
            self.assertGreater(f['height'], 100, f)
            self.assertGreater(len(f['alt']), 40, f)
        for c in seen['choices']:
            self.assertGreaterEqual(c['marks'], 1, c)
            self.assertGreater(c['drawn'], 1, c)
        for f in seen['opened']:
            self.assertGreater(f['rows'], 0, f'no table behind {f["id"]}')
            self.assertIn(f'summary {f["id"]}', seen['reached'], 'Tab does not reach the table')
            if f['pickers'] and f['id'] in [c['id'] for c in seen['choices']]:
                self.assertIn(f'select {f["id"]}', seen['reached'], 'Tab does not reach the picker')


class Figures(ReportCase):
    def setUp(self):
        super().setUp()
        self.log = self.generated(days=14, events=6000 if support.SLOW else 40000, truth='truth.json')
        self.args = [self.log, '--interval', '15m', '--yardsticks', 'all', '--policy', 'cost,threshold', '--truth', self.path / 'truth.json']

    def test_the_page_draws_every_chart_and_shows_the_figures_of_the_scorecard(self):
        for budget in ([], ['--budget', '1.0x']):
            card = self.card(*self.args, *budget, '--report', self.path / 'report.html')
            for width, scheme in ((1280, 'light'), (390, 'dark')):
                seen = self.opened(self.path / 'report.html', width, scheme)
                self.check_page(seen, ['days', 'tradeoff', 'curves', 'week', 'calibration'], width)
                self.assertEqual(list(seen['rows']), list(card['policies']))
                for name, p in card['policies'].items():
                    row = seen['rows'][name]
                    self.assertEqual(row['warm_ratio'], percent(p['warm_ratio']))
                    self.assertEqual(row['cold'], grouped(p['cold']))
                    self.assertEqual(row['waste_unit_intervals'], grouped(p['waste_unit_intervals']))
                    for key, digits in (('waste_per_request', 2), ('cost_per_request', 4), ('regret_field', 3), ('regret_strict', 3)):
                        if p[key] is None:
                            self.assertEqual(row[key], '–')
                        else:
                            self.assertAlmostEqual(float(row[key].replace(',', '')), p[key], delta=0.5000001 * 10 ** -digits, msg=(name, key))
                ours = card['policies']['cost']
                self.assertEqual(seen['tiles']['warm_ratio'], percent(ours['warm_ratio']))
                self.assertEqual(seen['tiles']['cold'], grouped(ours['cold']))
                self.assertIn(f'Of {grouped(ours["requests"])} requests, {percent(ours["warm_ratio"])} found everything ready', seen['summary'][0])
                # The table behind the trade-off is the scorecard's again.
                behind = {row[0]: row[1] for row in seen['tables']['tradeoff'][1:]}
                self.assertEqual(behind, {name: percent(p['warm_ratio']) for name, p in card['policies'].items()})

    def test_what_the_charts_are_drawn_from_adds_up_to_the_scorecard(self):
        for more in ([], ['--budget', '1.0x'], ['--warmup', '30%', '--lead', 3]):
            card = self.card(*self.args, *more, '--report', self.path / 'report.html')
            document, _, _ = document_of(self.path / 'report.html')
            self.assertEqual(document['card'], card)
            for name, p in card['policies'].items():
                days = document['days']['policies'][name]
                self.assertEqual((sum(days['warm']), sum(days['cold']), sum(days['waste'])), (p['warm'], p['cold'], p['waste_unit_intervals']), name)
            self.assertEqual(sum(document['week']['requests']), card['policies']['cost']['requests'])
            self.assertEqual(sum(document['week']['cold']), card['policies']['cost']['cold'])
            self.assertAlmostEqual(sum(document['week']['hours']), card['log']['evaluated_intervals'] * card['log']['interval_seconds'] / 3600)
            self.assertLessEqual(len(document['curves']), 12)
            with open(self.log, newline='') as stream:
                rows = list(csv.DictReader(stream))
            for curve in document['curves']:
                own = [r['timestamp'] for r in rows if (r['resource'], r['region']) == (curve['name'], curve['region'])]
                self.assertEqual(len(own), curve['requests'])
                start = curve['start']
                counts = [0] * len(curve['actual'])
                for stamp in own:
                    at = (support_seconds(stamp) - start) // curve['step_seconds']
                    if 0 <= at < len(counts):
                        counts[at] += 1
                self.assertEqual(counts, curve['actual'])

    def test_threads_and_shards_change_no_byte_and_a_report_changes_no_figure(self):
        reports = set()
        for threads in (1, 2, 8):
            for shards in (1, 16, 64):
                path = self.report(*self.args, '--threads', threads, '--shards', shards)
                reports.add(path.read_bytes())
        self.assertEqual(len(reports), 1)
        self.assertEqual(self.card_bytes(*self.args), self.card_bytes(*self.args, '--report', self.path / 'again.html'))

    def test_without_the_policy_cost_nothing_is_shown_of_it(self):
        card = self.card(self.log, '--interval', '1h', '--policy', 'threshold', '--report', self.path / 'report.html')
        document, _, _ = document_of(self.path / 'report.html')
        self.assertEqual(next(iter(card['policies'])), 'threshold')
        self.assertNotIn('week', document)
        self.assertTrue(document['curves'])
        self.assertFalse([c for c in document['curves'] if 'allocation' in c])

    def test_a_data_directory_is_reported_by_its_name(self):
        data = self.path / 'run'
        self.report(*self.args, '--data-dir', data, name='first.html')
        document, _, _ = document_of(self.report(f'{data}/', name='kept.html'))
        self.assertEqual(document['title'], 'Replay of run')

    def test_the_page_refers_to_nothing_outside(self):
        _, text, (begin, end) = document_of(self.report(*self.args))
        shell = text[:begin] + text[end:]
        self.assertNotRegex(shell, r'(?i)<link[^>]+href="(?!data:)')
        self.assertNotRegex(shell, r'(?i)<script[^>]+src=')
        self.assertNotRegex(shell, r'(?i)@import|url\(\s*["\']?https?:')
        self.assertIn("default-src 'none'", shell)
        self.assertNotIn(str(self.path), text)

    def test_a_resumed_run_gives_the_same_report_and_must_be_resumed_as_it_began(self):
        expected = self.report(*self.args).read_bytes()
        data = self.path / 'run'
        self.report(*self.args, '--data-dir', data, name='first.html')
        again = self.report(*self.args, '--data-dir', data, '--resume', name='again.html')
        self.assertEqual(again.read_bytes(), expected)
        refused = self.replay(*self.args, '--data-dir', data, '--resume', code=FAILED)
        self.assertIn('"report":true', refused.stderr)


def support_seconds(stamp):
    import datetime
    return int(datetime.datetime.fromisoformat(stamp.replace('Z', '+00:00')).timestamp())


class Hostile(ReportCase):
    def test_names_from_a_log_stay_text(self):
        log = self.path / 'log.csv'
        with open(log, 'w', newline='', encoding='utf-8') as stream:
            out = csv.writer(stream)
            out.writerow(['timestamp', 'resource', 'region'])
            for hour in range(24 * 12):
                for i, name in enumerate(HOSTILE):
                    for k in range(1 + (hour + i) % 3):
                        out.writerow([f'2026-01-{1 + hour // 24:02}T{hour % 24:02}:{10 + k}:00Z', name, HOSTILE[(i + 1) % len(HOSTILE)]])
        path = self.report(log, '--interval', '1h')
        document, text, _ = document_of(path)
        self.assertEqual(sorted(c['name'] for c in document['curves']), sorted(HOSTILE))
        self.assertNotIn('window.hostile=1</script>', text)
        seen = self.opened(path)
        self.check_page(seen, ['days', 'tradeoff', 'curves', 'week', 'calibration'], 1280, cells=6 * 24)
        self.assertIsNone(seen['hostile'])
        self.assertEqual((seen['scripts'], seen['images']), (2, 0))
        labels = ' '.join(c['label'] for c in seen['choices'])
        for name in HOSTILE:
            self.assertIn(name, labels)

    def test_a_log_with_a_hostile_name_is_shown_as_text(self):
        log = self.generated(days=4, events=2000)
        hostile = self.path / '<b onclick=x>&lt;.csv'
        log.rename(hostile)
        seen = self.opened(self.report(hostile, '--interval', '1h'))
        self.assertEqual(seen['heading'], 'Replay of ' + hostile.name)


class OtherDocuments(ReportCase):
    """What a replay does not fill today: a backtest, ablations, series without times, nothing at all."""

    def shown(self, document, **how):
        empty = self.report(self.generated(days=3, events=500), '--interval', '1h')
        _, text, (begin, end) = document_of(empty)
        path = self.path / 'other.html'
        path.write_text(text[:begin] + json.dumps(document).replace('<', '\\u003c') + text[end:], encoding='utf-8')
        return self.opened(path, **how)

    def test_a_backtest_and_ablations_are_drawn(self):
        series = [10 + (i % 24) for i in range(24 * 8)]
        forecasts = [{'at': 24 * d, 'mean': [10.5 + i for i in range(24)], 'bands': [[5 + i for i in range(24)], [10 + i for i in range(24)], [16 + i for i in range(24)]]}
                     for d in (5, 6, 8)]
        curves = [{'name': 'H1', 'start': None, 'step_seconds': 3600, 'levels': [0.025, 0.5, 0.975], 'actual': series, 'forecasts': forecasts},
                  {'name': 'web1', 'start': 1767571200, 'step_seconds': 3600, 'levels': [0.5, 0.8, 0.9, 0.95, 0.99], 'actual': series[:100] + [None] + series[101:],
                   'forecasts': [{'at': 168, 'mean': [11.0] * 24, 'bands': [[q + 10.0] * 24 for q in range(5)]}]}]
        models = {'default': {'mase': 0.61, 'spl': 0.47, 'mase_first_hour': 0.7, 'spl_first_hour': 0.6, 'cpu_seconds': 1.5}, 'ewma': {'mase': 1.2, 'spl': None}}
        document = {'format': 2, 'command': 'forestage backtest', 'title': 'Backtest of hourly.csv', 'summary': ['2 series.'], 'settings': [['Horizon', '24']],
                    'versions': [['Forestage', '0']], 'card': {'series': 2, 'models': models}, 'curves': curves,
                    'calibration': [{'name': 'all', 'observations': 96, 'levels': [0.5, 0.9], 'coverage': [0.48, 0.93]}],
                    'ablations': [{'name': 'pooling', 'metric': 'regret', 'with': 0.9, 'without': 1.01, 'better': 'lower'},
                                  {'name': 'calendar', 'metric': 'warm', 'with': 0.8, 'without': 0.81, 'better': 'higher'}]}
        for width, scheme in ((1280, 'dark'), (390, 'light')):
            seen = self.shown(document, width=width, scheme=scheme)
            self.check_page(seen, ['accuracy', 'curves', 'calibration', 'ablations'], width)
            self.assertEqual(seen['rows']['default']['mase'], '0.610')
            self.assertEqual(seen['rows']['ewma']['spl'], '–')
            self.assertEqual([row[0] for row in seen['tables']['ablations'][1:]], ['pooling', 'calendar'])
            self.assertEqual(seen['tables']['ablations'][1][-1], '12.2 %')

    def test_a_chart_without_data_is_told_from_one_that_is_drawn(self):
        curve = {'name': 'a', 'start': 0, 'step_seconds': 3600, 'levels': [0.1, 0.9], 'actual': [None] * 48, 'forecasts': []}
        document = {'format': 2, 'command': '', 'title': '', 'summary': [], 'settings': [], 'versions': [], 'card': {},
                    'days': {'days': [0, 86400], 'policies': {'cost': {'warm': [0, 0], 'cold': [0, 0], 'waste': [0, 0]}}},
                    'week': {'policy': 'cost', 'hours': [0] * 168, 'requests': [0] * 168, 'cold': [0] * 168}, 'curves': [curve],
                    'calibration': [{'name': 'none', 'observations': 1, 'levels': [0.5], 'coverage': [None]}]}
        seen = self.shown(document)
        self.assertEqual({f['id']: f['marks'] for f in seen['figures']}, {'days': 0, 'curves': 0, 'week': 0, 'calibration': 0})

    def test_a_document_of_another_format_is_refused_in_words(self):
        seen = self.shown({'format': 99})
        self.assertEqual(seen['ready'], 'failed')
        self.assertTrue(any('format 99' in line for line in seen['console']), seen['console'])

    def test_a_log_of_one_request_has_a_page(self):
        log = self.path / 'one.csv'
        log.write_text('timestamp,resource\n2026-01-01T00:00:00Z,a\n')
        seen = self.opened(self.report(log))
        self.assertEqual((seen['ready'], seen['console']), ('yes', []))


class Source(unittest.TestCase):
    def test_the_types_of_the_page_hold(self):
        compiler = PAGE / 'node_modules' / 'typescript' / 'bin' / 'tsc'
        if not shutil.which('node') or not compiler.exists():
            self.skipTest('node or the TypeScript compiler is not there: npm ci in web/report')
        done = subprocess.run(['node', compiler, '--noEmit', '-p', PAGE], capture_output=True, encoding='utf-8', timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_lock_file_pins_everything_and_names_no_registry(self):
        lock = json.loads((PAGE / 'package-lock.json').read_text())
        for name, package in lock['packages'].items():
            if name:
                self.assertIn('integrity', package, name)
                self.assertNotIn('resolved', package, name)
        self.assertNotIn('http', json.dumps([p.get('dependencies') for p in lock['packages'].values()]))
        for version in {**(manifest := json.loads((PAGE / 'package.json').read_text()))['dependencies'], **manifest['devDependencies']}.values():
            self.assertRegex(version, r'^\d+\.\d+\.\d+$')


class Options(ReportCase):
    def test_a_report_replaces_nothing_that_is_read_or_written_otherwise(self):
        log = self.generated(days=3, events=500)
        before = log.read_bytes()
        self.replay(log, '--report', log, code=USAGE)
        self.assertEqual(log.read_bytes(), before)
        both = self.path / 'both'
        self.assertIn('the same file', self.replay(log, '--report', both, '--json', both, code=USAGE).stderr)
        self.assertIn('--report -', self.replay(log, '--report', '-', code=USAGE).stderr)
        self.replay(log, '--report', self.path / 'no' / 'such' / 'folder.html', code=FAILED)
        self.assertEqual(self.names(), ['log.csv'])


if __name__ == '__main__':
    support.main()
