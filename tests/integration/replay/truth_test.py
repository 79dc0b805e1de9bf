#!/usr/bin/env python3
"""Generated logs with their truth: on average over seeds, nobody without hindsight does better than the policy that knows the rates.

Usage: truth_test.py FORESTAGE [unittest arguments]; FORESTAGE_TEST_SCALE=long takes 20 seeds instead of 3.
"""
import json

import support

HINDSIGHT = {'oracle'}


class Truth(support.TestCase):
    def mean_costs(self, *budget):
        totals, requests = {}, 0
        seeds = range(support.SEED, support.SEED + support.REPETITIONS)
        for seed in seeds:
            log = self.generated(f'log{seed}.csv', seed=seed, truth=f'truth{seed}.jsonl', days=8, events=8_000 if support.SLOW else 20_000,
                                 resources=40, regions=2)
            card = self.card(log, '--interval', '15m', '--truth', self.path / f'truth{seed}.jsonl', '--yardsticks', 'all',
                             '--policy', 'cost,threshold', *budget)
            for name, policy in card['policies'].items():
                totals[name] = totals.get(name, 0) + policy['cost']
                self.assertEqual(policy['warm'] + policy['cold'], policy['requests'], name)
            requests += card['policies']['none']['requests']
        print(f'cost per request, mean of {len(seeds)} seeds from {seeds[0]}, {" ".join(map(str, budget)) or "no budget"}: ' +
              ', '.join(f'{name} {cost / requests:.4f}' for name, cost in sorted(totals.items(), key=lambda item: item[1])), flush=True)
        return totals

    def held(self, totals):
        self.assertIn('rate-oracle', totals)
        for name, cost in totals.items():
            if name not in HINDSIGHT:
                self.assertLessEqual(totals['rate-oracle'], cost, name)

    def test_the_rate_oracle_is_the_limit(self):
        self.held(self.mean_costs())

    def test_the_rate_oracle_is_the_limit_under_a_budget(self):
        for budget in ('1.0x', '0.5x', 4):
            self.held(self.mean_costs('--budget', budget))

    def test_the_truth_changes_no_other_policy(self):
        log = self.generated(truth='truth.jsonl')
        with_truth = self.card(log, '--truth', self.path / 'truth.jsonl')
        del with_truth['policies']['rate-oracle']
        self.assertEqual(json.dumps(with_truth), json.dumps(self.card(log)))

    def test_the_rate_oracle_does_not_depend_on_shards(self):
        log = self.generated(truth='truth.jsonl')
        for shards in (1, 64):
            card = self.card_bytes(log, '--truth', self.path / 'truth.jsonl', '--shards', shards, '--budget', '1.0x')
            first = card if shards == 1 else first
            self.assertEqual(card, first)


if __name__ == '__main__':
    support.main()
