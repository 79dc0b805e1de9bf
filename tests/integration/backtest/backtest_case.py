"""What the backtest's tests share: small series written by the test, runs, scores. Standard library only."""
import csv
import datetime
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'replay'))
import support  # noqa: E402
from support import FAILED, OK, USAGE  # noqa: E402,F401

SCORE = support.SHARED / 'score' / 'score.py'
BEGIN = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)  # a Monday


def hourly(days=21, seed=1, level=100):
    """Hours of a daily rhythm with noise, whole numbers."""
    draw = random.Random(seed)
    return [round(level * (1 + .7 * math.sin(2 * math.pi * (t % 24) / 24)) * math.exp(draw.gauss(0, .15))) for t in range(24 * days)]


class BacktestCase(support.TestCase):
    def table(self, series, name='series.csv', step=3600, times=None):
        """A file series,timestamp,value."""
        path = self.path / name
        with open(path, 'w', newline='', encoding='utf-8') as stream:
            out = csv.writer(stream, lineterminator='\n')
            out.writerow(['series', 'timestamp', 'value'])
            for key, values in series.items():
                for i, v in enumerate(values):
                    at = times[key][i] if times else BEGIN + datetime.timedelta(seconds=step * i)
                    out.writerow([key, at if isinstance(at, str) else at.strftime('%Y-%m-%d %H:%M:%S'), v])
        return path

    def wide(self, series, name='series.csv'):
        """A file id,values."""
        path = self.path / name
        path.write_text('id,values\n' + ''.join(f'{k},{" ".join(map(str, v))}\n' for k, v in series.items()), encoding='utf-8')
        return path

    def backtest(self, *args, code=OK, **options):
        done = support.run('backtest', *args, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertNotIn('runtime error', done.stderr)
        return done

    def scores(self, *args, **options):
        out = self.path / 'scores.json'
        self.backtest(*args, '--json', out, **options)
        return json.loads(out.read_text())

    def forecasts(self, *args, **options):
        """{(series, origin): rows as {column: float}} of the default."""
        out = self.path / 'forecasts.csv'
        self.backtest(*args, '--forecasts', out, **options)
        found = {}
        with open(out, newline='', encoding='utf-8') as stream:
            for row in csv.DictReader(stream):
                key = row.pop('series'), int(row.pop('origin'))
                found.setdefault(key, []).append({name: float(v) for name, v in row.items()})
        return found

    def check_forecasts(self, found, horizon):
        for key, rows in found.items():
            self.assertEqual([r['step'] for r in rows], list(range(1, horizon + 1)), key)
            for row in rows:
                values = [v for name, v in row.items() if name.startswith('q')]
                self.assertTrue(all(math.isfinite(v) and v >= 0 for v in row.values()), (key, row))
                self.assertEqual(values, sorted(values), (key, row))
