#!/usr/bin/env python3
"""--catalogue: new resources begin like those of their kind, which costs less; bad files are named; nothing depends on threads, shards or a
restart.

Usage: catalogue_test.py FORESTAGE [unittest arguments]
"""
import support
from support import FAILED


class Catalogue(support.TestCase):
    def setUp(self):
        super().setUp()
        # Most resources are born or die within the log, and kinds have hours of their own.
        self.log = self.generated(days=14, resources=150, regions=1, events=60000, flash=0, births=0.9)
        self.arguments = (self.log, '--interval', '1h')

    def file(self, text, name='known.csv'):
        path = self.path / name
        path.write_text(text)
        return path

    def kinds(self):
        return self.file('resource,kind\n' + ''.join(f'{kind}/*,{kind}\n' for kind in ('room', 'match', 'video', 'file', 'feed')))

    def cost(self, *more):
        return self.card(*self.arguments, *more)['policies']['cost']['cost_per_request']

    def test_knowing_kinds_costs_less_and_so_does_knowing_other_keys(self):
        kinds, rhythm, alone = self.cost('--catalogue', self.kinds()), self.cost(), self.cost('--without', 'pooling')
        self.assertLess(kinds, 0.995 * rhythm)
        self.assertLess(rhythm, 0.995 * alone)

    def test_a_catalogue_that_says_nothing_changes_nothing(self):
        plain = self.card(*self.arguments)['policies']
        self.assertIn('it names 0 of the 150 resources', self.replay(*self.arguments, '--catalogue', self.file('resource,kind\nnothing/*,x\n')).stdout)
        for text in ('resource,kind\n', 'resource,kind\nnothing/*,x\n'):
            self.assertEqual(self.card(*self.arguments, '--catalogue', self.file(text))['policies'], plain)

    def test_threads_shards_and_a_restart_change_nothing(self):
        arguments = (*self.arguments, '--catalogue', self.kinds())
        plain = self.card_bytes(*arguments, '--threads', '1', '--shards', '1')
        self.assertEqual(self.card_bytes(*arguments, '--threads', '2', '--shards', '7'), plain)
        kept = ('--data-dir', self.path / 'run')
        self.card_bytes(*arguments, *kept)
        self.assertEqual(self.card_bytes(*arguments, *kept, '--resume'), self.card_bytes(*arguments))
        other = self.file('resource,kind\nroom/*,x\n', 'other.csv')
        done = self.replay(*self.arguments, '--catalogue', other, *kept, '--resume', code=FAILED)
        self.assertIn('other settings', done.stderr)

    def test_a_file_that_cannot_be_is_named(self):
        for text, words in (('', ['empty']), ('resource\nx\n', ["'kind' is missing"]), ('resource,kind\nx,a\n,b\n', [':3:', 'no resource']),
                            ('resource,kind\n' + ''.join(f'r{i},k{i}\n' for i in range(70)), ['at most 63'])):
            done = self.replay(*self.arguments, '--catalogue', self.file(text), code=FAILED)
            for word in ['known.csv', *words]:
                self.assertIn(word, done.stderr)
        self.assertIn('absent.csv', self.replay(*self.arguments, '--catalogue', self.path / 'absent.csv', code=FAILED).stderr)

    def test_the_card_says_it_and_ablations_have_a_row(self):
        kinds = self.kinds()
        self.assertEqual(self.card(*self.arguments, '--catalogue', kinds)['settings']['catalogue'], {'kinds': 5, 'named': 150})
        self.assertNotIn('catalogue', self.card(*self.arguments)['settings'])
        text = self.replay(*self.arguments, '--catalogue', kinds, '--ablations').stdout
        self.assertRegex(text, r'\ncatalogue +[0-9.]+ +[0-9.]+')

    def test_help_names_it(self):
        self.assertIn('--catalogue', support.run('replay', '--help').stdout)


if __name__ == '__main__':
    support.main()
