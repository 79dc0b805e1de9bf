"""What the end-to-end tests share: the binary, generated logs, processes, scorecards. Standard library only.

FORESTAGE names the binary (or the first argument of a test file does). FORESTAGE_TEST_SCALE=long: 20 kills and 20 seeds
instead of 3. FORESTAGE_TEST_SEED: where the random choices begin; printed by whatever uses it. FORESTAGE_SLOW=1 says that
the binary is instrumented: the logs are smaller then, the checks the same.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

if len(sys.argv) > 1 and not sys.argv[1].startswith('-') and os.access(sys.argv[1], os.X_OK):
    os.environ['FORESTAGE'] = os.path.abspath(sys.argv.pop(1))
FORESTAGE = os.environ.get('FORESTAGE', 'forestage')
SOURCE = pathlib.Path(os.environ.get('FORESTAGE_SOURCE_DIR', pathlib.Path(__file__).resolve().parents[3]))
SHARED = pathlib.Path(os.environ.get('FORESTAGE_SHARED', SOURCE.parent / 'shared'))
DATA = SHARED / 'data'
CHECK_VALUES = SHARED / 'score' / 'check_values.py'
LONG = os.environ.get('FORESTAGE_TEST_SCALE') == 'long'
SLOW = os.environ.get('FORESTAGE_SLOW') == '1'
SEED = int(os.environ.get('FORESTAGE_TEST_SEED', '1'))
REPETITIONS = 20 if LONG else 3

OK, FAILED, USAGE = 0, 1, 2


def run(*args, **options):
    """The command to its end; its output as text. No test may wait for ever."""
    options.setdefault('stdout', subprocess.PIPE)
    options.setdefault('stderr', subprocess.PIPE)
    options.setdefault('timeout', 600)
    return subprocess.run([FORESTAGE, *map(str, args)], encoding='utf-8', errors='replace', **options)


def start(*args, **options):
    options.setdefault('stdout', subprocess.DEVNULL)
    options.setdefault('stderr', subprocess.PIPE)
    return subprocess.Popen([FORESTAGE, *map(str, args)], encoding='utf-8', errors='replace', **options)


def complaints(text):
    """Standard error without what is only said for information."""
    return '\n'.join(line for line in text.splitlines() if not line.startswith('note:'))


class TestCase(unittest.TestCase):
    """A test with a directory of its own, `self.path`."""
    maxDiff = 4000

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='forestage-test-')
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)

    def generated(self, name='log.csv', seed=SEED, truth=None, **world):
        """A log with flash crowds, sessions, habits and births."""
        options = {'days': 6, 'events': 5000 if SLOW else 12000, 'resources': 60, 'regions': 3, 'peers': 2000, 'births': 0.3, 'flash': 2,
                   'sessions': 5, **world}
        log = self.path / name
        args = [part for key, value in options.items() for part in (f'--{key}', value)]
        if truth:
            args += ['--truth', self.path / truth]
        made = run('generate', '--quiet', '--out', log, '--seed', seed, *args)
        self.assertEqual(made.returncode, OK, made.stderr)
        return log

    def replay(self, *args, code=OK, **options):
        done = run('replay', *args, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def card_bytes(self, *args, **options):
        """The scorecard of a replay, byte by byte."""
        with tempfile.TemporaryDirectory(dir=self.path) as directory:
            out = pathlib.Path(directory) / 'card.json'
            self.replay(*args, '--json', out, **options)
            self.assertEqual([p.name for p in out.parent.iterdir()], ['card.json'])
            return out.read_bytes()

    def card(self, *args, **options):
        return json.loads(self.card_bytes(*args, **options))

    def names(self):
        return sorted(p.name for p in self.path.iterdir())


@contextlib.contextmanager
def timed(what):
    begin = time.monotonic()
    yield
    print(f'{what}: {time.monotonic() - begin:.1f} s', flush=True)


def main():
    print(f'forestage {FORESTAGE}, seed {SEED}, {"long" if LONG else "short"}', flush=True)
    unittest.main(module='__main__', verbosity=2)
