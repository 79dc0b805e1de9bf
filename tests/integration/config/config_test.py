#!/usr/bin/env python3
"""forestage config: a file to begin with, what is in force, and every mistake of a file at once with its place.

Usage: config_test.py FORESTAGE [unittest arguments]
"""
import json
import pathlib
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'replay'))
import support
from support import FAILED, OK, USAGE


class Config(support.TestCase):
    def check(self, text, *args, code=OK):
        file = self.path / 'f.toml'
        file.write_text(text, encoding='utf8')
        done = support.run('config', 'check', 'f.toml', *args, cwd=self.path)
        self.assertEqual(done.returncode, code, (text, done.stdout, done.stderr))
        return done

    def test_what_is_shown_is_a_file_that_says_the_defaults(self):
        shown = support.run('config', 'show')
        self.assertEqual(shown.returncode, OK)
        there = tomllib.loads(shown.stdout)  # another reader of TOML
        config = json.loads(self.check(shown.stdout, '-o', 'json').stdout)['config']
        self.assertEqual({s: {k: v['value'] for k, v in keys.items()} for s, keys in config.items()}, there)
        nothing = json.loads(self.check('', '-o', 'json').stdout)['config']
        for section, keys in nothing.items():
            for key, entry in keys.items():
                self.assertEqual((entry['value'], entry['line']), (there[section][key], None), (section, key))
                self.assertIsNotNone(config[section][key]['line'])

    def test_every_value_says_where_it_came_from(self):
        done = self.check('[demand]\n\ninterval = "15m"\n')
        lines = {line.split(' = ')[0]: line for line in done.stdout.splitlines()}
        self.assertRegex(lines['demand.interval'], r'"15m" +# line 3$')
        self.assertRegex(lines['demand.grace'], r'"30s" +# default$')
        self.assertEqual(done.stderr, '')

    def test_all_mistakes_are_told_at_once_with_their_places(self):
        text = '[node]\nnam = "x"\nmode = "enforse"\n\n[demnd]\n\n[agents]\nreports = 99\nidle = 90\n\n[cluster]\nshards = 0\n'
        done = self.check(text, code=USAGE)
        self.assertEqual(done.stdout, '')
        for words in ('f.toml:2:1: ', 'did you mean name?', 'f.toml:3:8: ', 'did you mean "enforce"?', 'f.toml:5:2: ', 'did you mean [demand]?',
                      'f.toml:8:11: ', 'from 1 to 32', 'f.toml:9:8: ', 'such as "5m"', 'f.toml:12:10: ', 'from 1 to 4096', '6 mistakes'):
            self.assertIn(words, done.stderr)
        document = json.loads(self.check(text, '-o', 'json', code=USAGE).stdout)
        self.assertFalse(document['ok'])
        self.assertEqual(document['problems'], done.stderr.splitlines()[:6])

    def test_a_node_that_others_reach_needs_tls_and_tokens(self):
        open_node = '[public]\nlisten = "0.0.0.0:7400"\nhosts = ["a.example"]\n'
        told = self.check(open_node, code=USAGE).stderr
        for words in ('refused without TLS', 'refused without tokens', 'forestage token keys new', '127.0.0.1'):
            self.assertIn(words, told)
        safe = open_node + 'tls_certificate = "c"\ntls_key = "k"\n[agents]\ntokens = "required"\n'
        self.check(safe)

    def test_a_section_that_comes_twice_is_an_error(self):
        self.assertIn('f.toml:3:', self.check('[node]\nname = "a"\n[node]\n', code=USAGE).stderr)

    def test_what_is_no_toml_is_an_error_with_its_place(self):
        self.assertIn('f.toml:2:', self.check('[node]\nname = \n', code=USAGE).stderr)

    def test_a_file_that_cannot_be_read_is_a_failure(self):
        for file in ('absent.toml', '.'):
            done = support.run('config', 'check', file, cwd=self.path)
            self.assertEqual(done.returncode, FAILED, done.stderr)
            self.assertTrue(done.stderr.strip())
            self.assertEqual(done.stdout, '')

    def test_the_example_can_be_used(self):
        done = support.run('config', 'check', support.SOURCE / 'configs' / 'example.toml')
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_the_documentation_is_what_the_command_writes(self):
        written = support.run('config', 'show', '-o', 'markdown').stdout
        self.assertEqual((support.SOURCE / 'docs' / 'configuration.md').read_text(encoding='utf8'), written)

    def test_nonsense_is_a_usage_error(self):
        for args in ([], ['check'], ['check', 'a', 'b'], ['show', '-o', 'xml'], ['set']):
            done = support.run('config', *args, cwd=self.path)
            self.assertEqual(done.returncode, USAGE, args)
            self.assertIn('--help', done.stderr)

    def test_help_teaches_with_examples(self):
        for args in ([], ['check'], ['show']):
            done = support.run('config', *args, '--help')
            self.assertEqual(done.returncode, OK)
            self.assertIn('Example', done.stdout)


if __name__ == '__main__':
    support.main()
