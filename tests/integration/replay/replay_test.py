#!/usr/bin/env python3
"""The forestage command, end to end: determinism, restart after kill -9, bad input. Standard library only.

Usage: replay_test.py FORESTAGE [unittest arguments]. FORESTAGE_TEST_KILLS: how many moments to kill at (default 3).
"""
import gzip, json, os, pathlib, random, signal, subprocess, sys, tempfile, time, unittest

FORESTAGE = os.path.abspath(sys.argv.pop(1))
KILLS = int(os.environ.get('FORESTAGE_TEST_KILLS', '3'))
SEED = int(os.environ.get('FORESTAGE_TEST_SEED', '1'))


def run(*args, stdout=subprocess.PIPE):
    return subprocess.run([FORESTAGE, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=600)


class with_directory(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.directory.name)
        self.addCleanup(self.directory.cleanup)

    def generated(self, name='log.csv', *more, events=12000):
        log = self.path / name
        made = run('generate', '--out', log, '--days', 6, '--events', events, '--resources', 60, '--regions', 3, '--seed', SEED, *more)
        self.assertEqual(made.returncode, 0, made.stderr)
        return log

    def card(self, log, *more):
        out = self.path / f'card{random.random()}.json'
        done = run('replay', log, '--interval', '15m', '--yardsticks', 'all', '--json', out, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out.read_bytes()


class determinism(with_directory):
    def test_threads_and_shards_change_no_byte(self):
        log = self.generated()
        for budget in ('none', '1.0x'):
            cards = {self.card(log, '--budget', budget, '--threads', t, '--shards', s, '--policy', 'cost,threshold')
                     for t, s in ((1, 1), (2, 16), (8, 64), (8, 1))}
            self.assertEqual(len(cards), 1, budget)

    def test_the_order_of_rows_and_compression_change_no_policy(self):
        log = self.generated()
        header, *rows = log.read_text().splitlines()
        random.Random(SEED).shuffle(rows)
        shuffled = self.path / 'shuffled.csv.gz'
        shuffled.write_bytes(gzip.compress('\n'.join([header, *rows, '']).encode()))
        self.assertEqual(json.loads(self.card(log)), json.loads(self.card(shuffled)))


class restart(with_directory):
    def killed_and_resumed(self, budget):
        print('seed', SEED, 'budget', budget)
        rng = random.Random(SEED)
        log = self.generated('log.csv', '--habits', '0.2')
        args = ['replay', log, '--interval', '15m', '--yardsticks', 'all', '--budget', budget]
        begin = time.monotonic()
        undisturbed = self.card(log, '--budget', budget)
        length = time.monotonic() - begin
        for i in range(KILLS):
            data, out = self.path / f'run{budget}{i}', self.path / f'resumed{i}.json'
            process = subprocess.Popen([FORESTAGE, *map(str, args), '--data-dir', str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.05, 1.0) * length)
            process.send_signal(signal.SIGKILL)
            process.wait()
            for attempt in range(3):  # the resumed run is sometimes killed as well
                if rng.random() < 0.5:
                    break
                process = subprocess.Popen([FORESTAGE, *map(str, args), '--data-dir', str(data), '--resume'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.uniform(0.02, 0.6) * length)
                process.send_signal(signal.SIGKILL)
                process.wait()
            done = run(*args, '--data-dir', data, '--resume', '--json', out)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(out.read_bytes(), undisturbed, f'kill {i}')

    def test_a_killed_run_resumes_to_the_same_bytes(self):
        self.killed_and_resumed('none')

    def test_a_killed_run_with_a_budget_resumes_to_the_same_bytes(self):
        self.killed_and_resumed('1.0x')

    def test_another_run_is_not_resumed(self):
        log = self.generated()
        data = self.path / 'run'
        self.card(log, '--data-dir', data)
        again = run('replay', log, '--interval', '15m', '--data-dir', data)
        self.assertEqual(again.returncode, 1)
        self.assertIn('--resume', again.stderr)
        other = run('replay', log, '--interval', '15m', '--data-dir', data, '--resume', '--lead', 2)
        self.assertEqual(other.returncode, 1)
        self.assertIn('other settings', other.stderr)


class bad_input(with_directory):
    def refused(self, content, code, *words, name='bad.csv', more=()):
        log = self.path / name
        log.write_bytes(content)
        out = self.path / 'out.json'
        done = run('replay', log, '--json', out, *more)
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(sorted(p.name for p in self.path.iterdir()), [name], 'nothing else is left behind')
        log.unlink()

    def test_files_that_cannot_be_read_are_refused(self):
        self.refused(b'', 1, 'bad.csv', 'empty')
        self.refused(b'time,room\n', 1, 'bad.csv')
        self.refused(bytes(range(256)) * 64, 1, 'bad.csv')
        whole = gzip.compress(b'time,room\n' + b''.join(b'2020-01-01 00:%02d,r%d\n' % (i % 60, i) for i in range(5000)))
        self.refused(whole[:len(whole) // 2], 1, 'bad.csv.gz', name='bad.csv.gz')
        self.refused(b'a,' * 1_000_000 + b'\n', 1, 'bad.csv')
        self.refused(b'time,room\n2020-01-01,x\n', 2, 'when', 'time', more=('--columns', 'time=when'))

    def test_bad_rows_are_counted_shown_and_left_out(self):
        rows = [b'time,room,n', b'2020-01-01 00:00,a,1', b'1600-01-01 00:00,a,1', b'9999-01-01 00:00,a,1', b'2020-01-01 00:05,a,nan',
                b'2020-01-01 00:05,a,-3', b'2020-01-01 00:10,' + b'x' * 257 + b',1', b'2020-01-01 00:10,\xff\xfe,1',
                b'2020-01-01 00:01,late,1', b'2020-01-02 00:00,a,2', b'']
        log = self.path / 'rows.csv'
        log.write_bytes(b'\n'.join(rows))
        out = self.path / 'card.json'
        args = ['replay', log, '--columns', 'time=time,resource=room,count=n', '--json', out]
        done = run(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(out.read_text())['log']['bad_rows'], 6)
        for line in (3, 4, 5, 6, 7, 8):
            self.assertIn(f'rows.csv:{line}:', done.stderr)
        strict = run(*args, '--strict')
        self.assertEqual(strict.returncode, 1)
        self.assertIn('rows.csv:3:', strict.stderr)

    def test_options_that_make_no_sense_are_usage_errors(self):
        log = self.generated()
        for bad in (['--interval', '7m'], ['--interval', '1s'], ['--cost-ratio', '9'], ['--budget', 'x'], ['--warmup', '100%'], ['--yardsticks', 'best'],
                    ['--policy', 'magic'], ['--resume'], ['--shards', '0'], ['--where', 'nonsense'], ['--lead', '-1']):
            done = run('replay', log, *bad)
            self.assertEqual(done.returncode, 2, (bad, done.stderr))
            self.assertTrue(done.stderr.strip(), bad)

    def test_a_full_disk_is_said_and_leaves_nothing(self):
        log = self.generated()
        with open('/dev/full', 'w') as full:
            done = run('replay', log, stdout=full)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn('standard output', done.stderr)
        missing = run('replay', log, '--json', self.path / 'no' / 'card.json')
        self.assertEqual(missing.returncode, 1)
        self.assertIn('card.json', missing.stderr)

    def test_ctrl_c_stops_without_leaving_a_file(self):
        log = self.generated(events=400000)
        out = self.path / 'card.json'
        process = subprocess.Popen([FORESTAGE, 'replay', str(log), '--json', str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=120)
        if process.returncode != 0:  # it may have been done already
            self.assertEqual(process.returncode, 1, text)
            self.assertIn('stopped', text)
            self.assertFalse(out.exists())


class truth(with_directory):
    def test_the_rate_oracle_is_the_limit_on_average(self):
        totals, seeds = {}, int(os.environ.get('FORESTAGE_TEST_SEEDS', '3'))
        for seed in range(1, seeds + 1):
            log, rates = self.path / 'log.csv', self.path / 'truth.json'
            made = run('generate', '--out', log, '--truth', rates, '--days', 8, '--events', 20000, '--resources', 40, '--regions', 2, '--seed', seed)
            self.assertEqual(made.returncode, 0, made.stderr)
            for name, policy in json.loads(self.card(log, '--truth', rates))['policies'].items():
                totals[name] = totals.get(name, 0) + policy['cost'] / seeds
        print({name: round(cost) for name, cost in totals.items()})
        without_hindsight = [n for n in totals if n not in ('oracle', 'rate-oracle')]
        self.assertLessEqual(totals['rate-oracle'], min(totals[n] for n in without_hindsight))


if __name__ == '__main__':
    unittest.main(verbosity=2)
