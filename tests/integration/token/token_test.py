#!/usr/bin/env python3
"""forestage token: keys are made and kept safe, tokens are issued and verified, and what is wrong is said with its remedy.

Usage: token_test.py FORESTAGE [unittest arguments]
"""
import base64
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'replay'))
import support
from support import FAILED, OK, USAGE


def part(token, number):
    text = token.split('.')[number]
    return json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))


class Token(support.TestCase):
    def token(self, *args, code=OK, **options):
        done = support.run('token', *args, cwd=self.path, **options)
        self.assertEqual(done.returncode, code, (args, done.stdout, done.stderr))
        if code != OK:
            self.assertEqual(done.stdout, '')
            self.assertTrue(done.stderr.strip())
        return done

    def key(self, kid='k1', **options):
        return self.token('keys', 'new', '--kid', kid, **options).stdout.strip()

    def issue(self, *args):
        return self.token('issue', '--peer', 'alice', *args).stdout.strip()

    def test_from_a_new_key_to_a_verified_token(self):
        made = self.token('keys', 'new').stdout.strip()
        self.assertRegex(made, r'^\d{8}-[0-9a-f]{8}$')
        keys = self.path / 'forestage-data' / 'keys'
        self.assertEqual((keys / f'{made}.key.pem').stat().st_mode & 0o777, 0o600)
        self.assertEqual(keys.stat().st_mode & 0o777, 0o700)
        token = self.issue('--role', 'provider', '--role', 'operator', '--region', 'eu', '--resources', 'room/*', '--resources', 'video/?',
                           '--scope', 'report', '--expires', '2h', '--cluster', 'c1')
        self.assertEqual(part(token, 0), {'alg': 'ES256', 'kid': made, 'typ': 'JWT'})
        claims = json.loads(self.token('verify', token, '--cluster', 'c1', '-o', 'json').stdout)
        self.assertEqual(claims, part(token, 1))
        self.assertEqual((claims['sub'], claims['aud'], claims['region'], claims['scope']), ('alice', 'c1', 'eu', 'report'))
        self.assertEqual(claims['roles'], ['provider', 'operator'])
        self.assertEqual(claims['resources'], ['room/*', 'video/?'])
        self.assertEqual(claims['exp'] - claims['iat'], 7200)
        table = self.token('verify', token, '--cluster', 'c1').stdout
        for words in ('alice', 'provider, operator', 'room/*, video/?', 'report', 'UTC (in '):
            self.assertIn(words, table)

    def test_a_token_without_options_may_ask_for_an_hour_and_report_nothing(self):
        self.key()
        claims = part(self.issue(), 1)
        self.assertEqual((claims['roles'], claims['resources'], claims['exp'] - claims['iat']), (['requester'], ['*'], 3600))
        self.assertNotIn('scope', claims)
        self.assertNotEqual(claims['jti'], part(self.issue(), 1)['jti'])

    def test_a_token_is_read_from_standard_input(self):
        self.key()
        self.assertIn('alice', self.token('verify', '-', input=f'  {self.issue()}\n').stdout)
        self.assertIn('empty', self.token('verify', '-', input=' \n', code=USAGE).stderr)
        self.assertIn('8192', self.token('verify', '-', input='x' * 9000, code=FAILED).stderr)

    def test_tokens_that_are_refused_say_why(self):
        self.key()
        token = self.issue()
        header, claims, signature = token.split('.')
        forged = base64.urlsafe_b64encode(json.dumps({**part(token, 1), 'sub': 'mallory'}).encode()).rstrip(b'=').decode()
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b'=').decode()
        for text, words in ((f'{header}.{forged}.{signature}', 'signature'), (f'{none}.{claims}.', "'none' is never accepted"), ('x', 'three parts'),
                            (token[:-10], 'signature'), (token + '%', 'damaged')):
            self.assertIn(words, self.token('verify', text, code=FAILED).stderr)
        self.assertIn("for the cluster 'forestage'", self.token('verify', token, '--cluster', 'other', code=FAILED).stderr)

    def test_a_token_expires(self):
        self.key()
        token = self.issue('--expires', '1s')
        time.sleep(2.1)
        self.assertIn('expired', self.token('verify', token, '--skew', '0s', code=FAILED).stderr)
        self.token('verify', token)  # clocks may differ by a minute

    def test_keys_rotate(self):
        self.key('old')
        before = self.issue()
        self.key('new')
        self.assertIn('new, old', self.token('issue', '--peer', 'a', code=USAGE).stderr)
        after = self.issue('--kid', 'new')
        self.assertEqual(json.loads(self.token('keys', 'list', '-o', 'json').stdout),
                         [{'kid': kid, 'algorithm': 'ES256', 'issues': True} for kid in ('new', 'old')])
        keys = self.path / 'forestage-data' / 'keys'
        (keys / 'old.key.pem').unlink()  # nobody issues with it any more; it still verifies
        self.token('verify', before)
        self.assertRegex(self.token('keys', 'list').stdout, r'old +ES256 +no')
        (keys / 'old.pem').unlink()
        self.assertIn("'old'", self.token('verify', before, code=FAILED).stderr)
        self.token('verify', after)

    def test_a_private_key_that_others_may_read_does_not_sign(self):
        self.key()
        private = self.path / 'forestage-data' / 'keys' / 'k1.key.pem'
        private.chmod(0o640)
        self.assertIn('chmod 600', self.token('issue', '--peer', 'a', code=FAILED).stderr)

    def test_nothing_is_overwritten(self):
        self.key()
        before = [(p, p.read_bytes()) for p in sorted((self.path / 'forestage-data' / 'keys').iterdir())]
        self.assertIn('already', self.token('keys', 'new', '--kid', 'k1', code=FAILED).stderr)
        self.assertEqual(before, [(p, p.read_bytes()) for p in sorted((self.path / 'forestage-data' / 'keys').iterdir())])

    def test_nonsense_is_a_usage_error_that_says_what_would_do(self):
        self.key()
        for args, words in ((['issue'], '--peer'), (['issue', '--peer', ''], '1 to 256'), (['issue', '--peer', 'x' * 257], '257 bytes'),
                            (['issue', '--peer', b'\xff'.decode('utf-8', 'surrogateescape')], 'UTF-8'),
                            (['issue', '--peer', 'a', '--role', 'admin'], 'requester, provider and operator'),
                            (['issue', '--peer', 'a', '--scope', 'write'], 'report'), (['issue', '--peer', 'a', '--expires', '0s'], '--expires'),
                            (['issue', '--peer', 'a', '--expires', '1500ms'], 'whole seconds'), (['issue', '--peer', 'a', '--expires', 'soon'], '1h'),
                            (['issue', '--peer', 'a', '--resources', ''], 'pattern'),
                            (['issue', '--peer', 'a', *[x for i in range(65) for x in ('--resources', str(i))]], 'at most 64'),
                            (['verify'], 'TOKEN'), (['verify', 'x', '-o', 'xml'], 'table'), (['verify', 'x', '--skew', '2h'], '--skew'),
                            (['keys'], '--help'), (['keys', 'new', '--kid', '../x'], 'no name for a key'), ([], '--help'), (['revoke'], '--help')):
            with self.subTest(args=args):
                done = support.run('token', *args, cwd=self.path)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, '')

    def test_without_keys_it_says_how_to_make_one(self):
        for args in (['issue', '--peer', 'a'], ['verify', 'x'], ['keys', 'list']):
            self.assertIn('forestage token keys new', self.token(*args, code=FAILED).stderr)
        self.assertEqual(self.names(), [])

    def test_help_teaches_with_examples(self):
        for args in ([], ['issue'], ['verify'], ['keys'], ['keys', 'new'], ['keys', 'list']):
            done = support.run('token', *args, '--help')
            self.assertEqual(done.returncode, OK)
            self.assertIn('Example', done.stdout, args)


if __name__ == '__main__':
    support.main()
