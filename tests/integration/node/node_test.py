#!/usr/bin/env python3
"""forestage node from outside: what services may say, what it answers, how it begins again, what it does on a full disk.

Usage: node_test.py FORESTAGE [unittest arguments]
"""
import http.client
import json
import resource
import signal
import threading
import time

from node_process import NodeCase, Node
import support
from support import FAILED, OK, USAGE


class Answers(NodeCase):
    def setUp(self):
        super().setUp()
        self.running = self.node()
        self.text = self.running.start()

    def test_a_first_start_says_what_is_on_and_the_example_works(self):
        self.assertIn('a new history', self.text)
        self.assertIn('counted in 1m, closed 1s after their end; 64 shards', self.text)
        example = next(line for line in self.text.splitlines() if 'curl' in line)
        body = example.split("'")[1]
        self.assertTrue(example.endswith(f':{self.running.ports[1]}/v1/events'), example)
        status, answer = self.running.ask('POST', '/v1/events', body)
        self.assertEqual((status, answer['requests'], answer['counted']), (200, 1, 1))

    def test_health_and_readiness(self):
        for listener in (0, 1):
            self.assertEqual(self.running.ask('GET', '/healthz', listener=listener), (200, {'alive': True}))
        self.assertEqual(self.running.ask('GET', '/readyz'), (200, {'phase': 'serving', 'reason': ''}))
        # The public listener has nothing of the operators'.
        for target in ('/v1/status', '/metrics', '/v1/events', '/readyz'):
            self.assertEqual(self.running.ask('GET', target, listener=0)[0], 404, target)

    def test_a_batch_that_is_sent_again_counts_once(self):
        events = [{'resource': 'room/1', 'region': 'eu', 'count': 2}, {'resource': 'room/2'}]
        first = self.running.post(events, session='billing', sequence=1)[1]
        again = self.running.post(events, session='billing', sequence=1)[1]
        self.assertEqual((first['counted'], first['repeated']), (3, False))
        self.assertEqual((again['counted'], again['repeated']), (0, True))
        self.running.post(events)
        self.running.post(events)
        self.assertEqual(self.running.status()['requests']['waiting'], 9)

    def test_late_and_early_events_are_said(self):
        now = time.time()
        answer = self.running.post([{'resource': 'r', 'time': now - 7200}, {'resource': 'r', 'time': int(1000 * (now + 7200))},
                                    {'resource': 'r', 'time': '2026-01-01T00:00:00Z'}, {'resource': 'r'}])[1]
        self.assertEqual((answer['requests'], answer['late'], answer['early'], answer['clock_ahead'], answer['counted']), (4, 2, 0, 1, 2))

    def test_what_is_wrong_is_named_and_nothing_of_it_counts(self):
        good = {'resource': 'room/1'}
        cases = {
            'no JSON': ('{"events": [', 'not a JSON object'),
            'a list': ([good], 'not a JSON object'),
            'an unknown key': ({'events': [good], 'sesion': 'a'}, "'sesion'"),
            'no events': ({}, 'events: a list'),
            'events are no list': ({'events': good}, 'events: a list'),
            'an event is no object': ({'events': [good, 'room/2']}, 'events[1]'),
            'an unknown key of an event': ({'events': [good, {'resource': 'r', 'tme': 1}]}, "events[1].'tme'"),
            'no resource': ({'events': [{}]}, 'events[0].resource'),
            'a resource is no text': ({'events': [{'resource': 7}]}, 'events[0].resource'),
            'a long resource': ({'events': [{'resource': 'x' * 257}]}, 'events[0].resource: an id of 257 bytes'),
            'no time': ({'events': [{'resource': 'r', 'time': 'yesterday'}]}, 'events[0].time'),
            'a time before 1970': ({'events': [{'resource': 'r', 'time': -5}]}, 'events[0].time'),
            'no count': ({'events': [{'resource': 'r', 'count': 0}]}, 'events[0].count'),
            'half a request': ({'events': [{'resource': 'r', 'count': 1.5}]}, 'events[0].count'),
            'a negative count': ({'events': [{'resource': 'r', 'count': -1}]}, 'events[0].count'),
            'a session alone': ({'events': [good], 'session': 'a'}, 'belong together'),
            'a sequence alone': ({'events': [good], 'sequence': 1}, 'belong together'),
            'a sequence of 0': ({'events': [good], 'session': 'a', 'sequence': 0}, 'sequence'),
            'bytes that are no UTF-8': (b'{"events": [{"resource": "\xff"}]}', 'not a JSON object'),
            'a nest': ('[' * 100_000, 'not a JSON object'),
        }
        for name, (body, expected) in cases.items():
            status, answer = self.running.ask('POST', '/v1/events', body)
            self.assertEqual((name, status), (name, 400))
            self.assertIn(expected, answer['error']['text'], name)
        status, answer = self.running.post([good] * 10_001)
        self.assertEqual((status, answer['error']['code']), (413, 'too_many_events'))
        status, answer = self.running.post([{'resource': 'r', 'count': 1_000_000_000}] * 5)
        self.assertEqual((status, answer['error']['code']), (413, 'too_many_events'))
        self.assertEqual(self.running.ask('POST', '/v1/events', b'x' * (1 << 20) + b'x')[0], 413)
        self.assertEqual(self.running.ask('GET', '/v1/events')[0], 405)
        self.assertEqual(self.running.ask('GET', '/v1/nothing')[0], 404)
        self.assertEqual(self.running.status()['requests']['waiting'], 0)
        self.assertEqual(self.running.post([]), (200, {'requests': 0, 'repeated': False, 'counted': 0, 'late': 0, 'early': 0, 'clock_ahead': 0}))

    def test_a_page_of_another_host_is_refused(self):
        for header in ({'Host': 'evil.example'}, {'Origin': 'https://evil.example'}):
            connection = http.client.HTTPConnection('127.0.0.1', self.running.ports[1], timeout=30)
            connection.request('POST', '/v1/events', '{"events": []}', header)
            self.assertIn(connection.getresponse().status, (403, 421), header)
            connection.close()

    def test_metrics_are_in_the_text_format(self):
        self.running.post([{'resource': 'r', 'count': 4}])
        status, text = self.running.ask('GET', '/metrics')
        self.assertEqual(status, 200)
        families = {}
        for line in text.splitlines():
            if line.startswith('# TYPE '):
                _, _, name, kind = line.split(' ')
                self.assertNotIn(name, families)
                families[name] = kind
            elif not line.startswith('#'):
                name = line.split('{')[0].split(' ')[0]
                self.assertEqual(name, list(families)[-1], 'a sample outside its family')
                float(line.rsplit(' ', 1)[1])
                self.assertEqual(families[name] == 'counter', name.endswith('_total'), name)
        self.assertIn('forestage_requests_acknowledged_total 4\n', text)
        self.assertIn('forestage_ready 1\n', text)
        self.assertIn('forestage_connections{listener="operator"} ', text)

    def test_the_api_is_that_of_the_openapi_document(self):
        document = json.loads((support.SOURCE / 'docs/openapi.json').read_text(encoding='utf8'))
        schemas = document['components']['schemas']

        def check(value, schema, where):
            schema = schemas[schema['$ref'].rsplit('/', 1)[1]] if '$ref' in schema else schema
            if value is None:
                self.assertTrue(schema.get('nullable'), where)
                return
            kind = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int, 'number': (int, float)}[schema['type']]
            self.assertIsInstance(value, kind, where)
            self.assertIn(value, schema.get('enum', [value]), where)
            if schema['type'] == 'object':
                self.assertLessEqual(set(schema['required']), set(value), where)
                self.assertLessEqual(set(value), set(schema['properties']), f'{where}: a field that the document does not have')
                for key, inner in value.items():
                    check(inner, schema['properties'][key], f'{where}.{key}')
            for i, inner in enumerate(value if schema['type'] == 'array' else []):
                check(inner, schema['items'], f'{where}[{i}]')

        bodies = [None, {'events': [{'resource': 'r', 'count': 2}], 'session': 'a', 'sequence': 1}, {'events': 1},
                  {'events': [{'resource': 'r'}] * 10_001}]
        seen = set()
        for path, methods in document['paths'].items():
            for method, operation in methods.items():
                for body in bodies[1:] if 'requestBody' in operation else bodies[:1]:
                    status, answer = self.running.ask(method.upper(), path, body)
                    described = operation['responses'][str(status)]['content']
                    seen.add((path, status))
                    if 'application/json' in described:
                        check(answer, described['application/json']['schema'], f'{method} {path} {status}')
        self.assertLessEqual({('/v1/events', 200), ('/v1/events', 400), ('/v1/events', 413), ('/readyz', 200)}, seen)
        # Nothing else is served.
        for path in ('/', '/v1', '/v1/events/', '/v1/plans', '/status'):
            self.assertEqual(self.running.ask('GET', path)[0], 404, path)

    def test_an_interval_closes_by_the_clock_and_counts(self):
        self.running.post([{'resource': 'room/1', 'count': 3}])
        status = self.running.wait_until(lambda s: s['requests']['waiting'] == 0, 75)
        self.assertEqual((status['requests']['counted'], status['resources']), (3, 1))
        self.assertGreaterEqual(status['rounds'], 1)
        policies = {p['name']: p for p in self.running.ask('GET', '/v1/scores')[1]['policies']}
        self.assertEqual((policies['cost']['warm'] + policies['cost']['cold']), 3)
        # Another program reads the same history.
        self.assertEqual(self.running.stop(), OK)
        card = self.card(self.path / 'forestage-data', '--warmup', '0')
        self.assertEqual(card['log']['requests'], 3)


class Lives(NodeCase):
    def test_a_second_node_on_the_same_data_or_port_is_told_so(self):
        node = self.node()
        node.start()
        same_data = Node(self.path)
        same_data.file = self.path / 'other.toml'
        same_data.write_config()
        refused = support.run('node', '--config', 'other.toml', cwd=self.path)
        self.assertEqual(refused.returncode, FAILED)
        self.assertIn(f'is held by process {node.process.pid}', refused.stderr)
        same_port = Node(self.path, '[node]\ndata_dir = "elsewhere"\n')
        same_port.file = self.path / 'third.toml'
        same_port.ports = node.ports
        same_port.write_config()
        refused = support.run('node', '--config', 'third.toml', cwd=self.path)
        self.assertEqual(refused.returncode, FAILED)
        self.assertIn(str(node.ports[0]), refused.stderr)
        self.assertEqual(node.stop(), OK)

    def test_another_interval_is_another_history(self):
        node = self.node()
        node.start()
        self.assertEqual(node.stop(), OK)
        node.interval = '2m'
        node.write_config()
        refused = support.run('node', '--config', 'node.toml', cwd=self.path)
        self.assertEqual(refused.returncode, FAILED)
        self.assertIn('another history', refused.stderr)

    def test_what_this_version_does_not_do_is_refused(self):
        for text, key in (('[node]\nclock = "log"\n', 'node.clock'), ('[allocation]\n[demand.time_zones]\n"*" = "Europe/Berlin"\n', 'time_zones')):
            (self.path / 'f.toml').write_text(text, encoding='utf8')
            refused = support.run('node', '--config', 'f.toml', cwd=self.path)
            self.assertEqual(refused.returncode, USAGE, refused.stderr)
            self.assertIn(key, refused.stderr)
        refused = support.run('node', '--config', 'absent.toml', cwd=self.path)
        self.assertEqual(refused.returncode, FAILED)
        (self.path / 'f.toml').write_text('[demand]\nintervall = "5m"\n', encoding='utf8')
        refused = support.run('node', '--config', 'f.toml', cwd=self.path)
        self.assertEqual(refused.returncode, USAGE)
        self.assertIn('f.toml:2:1', refused.stderr)

    def test_whoever_waits_for_an_answer_gets_it_before_the_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            node = self.node()
            node.start()
            acknowledged, wrong = [0], []

            def send():
                sequence = 0
                while True:
                    sequence += 1
                    try:
                        status, answer = node.post([{'resource': f'room/{sequence % 7}'}], session=str(number), sequence=sequence)
                    except Exception as failure:
                        wrong.append(failure)
                        return
                    if status == 503:
                        return
                    acknowledged[0] += answer['requests']

            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            time.sleep(0.5)
            self.assertEqual(node.stop(number), OK)
            sender.join(30)
            before = acknowledged[0]
            self.assertGreater(before, 0)
            node.start()
            requests = node.status()['requests']
            kept = requests['counted'] + requests['waiting'] + requests['late']
            self.assertEqual(node.stop(), OK)
            # One batch may have been kept whose answer the end cut off.
            self.assertIn(kept, (before, before + 1) if number == signal.SIGTERM else range(before, before + 2 + self.total))
            self.total = kept

    total = 0

    def test_a_full_disk_stops_acknowledgements_until_there_is_room(self):
        node = self.node('[cluster]\nshards = 3\n')
        node.start()
        self.assertEqual(node.post([{'resource': 'a', 'count': 5}], session='s', sequence=1)[0], 200)
        pid = node.process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        refused = 0
        for sequence in range(2, 60):
            status, answer = node.post([{'resource': f'b/{sequence}'}], session='s', sequence=sequence)
            if status == 503:
                refused = sequence
                break
        self.assertTrue(refused, 'the disk never was full')
        self.assertEqual(answer['error']['code'], 'storage_failed')
        end = time.monotonic() + 20
        while (ready := node.ask('GET', '/readyz'))[0] == 200 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual((ready[0], ready[1]['phase']), (503, 'failed'))
        self.assertIn('nothing is acknowledged', ready[1]['reason'])
        self.assertEqual(node.ask('GET', '/healthz')[0], 200)
        self.assertEqual(node.post([{'resource': 'c'}])[0], 503)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        end = time.monotonic() + 60
        while node.ask('GET', '/readyz')[0] != 200:
            self.assertLess(time.monotonic(), end, 'it did not recover')
            time.sleep(0.1)
        # Whoever was refused sends it again; what had been kept all the same counts once.
        self.assertEqual(node.post([{'resource': f'b/{refused}'}], session='s', sequence=refused)[0], 200)
        requests = node.status()['requests']
        self.assertEqual(requests['counted'] + requests['waiting'] + requests['late'], 5 + refused - 1)
        self.assertEqual(node.status()['restores'], 1)
        self.assertEqual(node.stop(), OK)

    def test_intervals_in_which_it_was_down_are_not_learned_from(self):
        node = self.node()
        node.start()
        node.kill()
        minute = 60
        while not minute / 6 < time.time() % minute < minute - 5:  # more than a tenth of the interval that is open
            time.sleep(0.5)
        # As if it had been killed three minutes ago.
        alive = self.path / 'forestage-data' / 'alive'
        alive.write_text(str(int((time.time() - 3 * minute) * 1000)) + '\n')
        node.start()
        status = node.wait_until(lambda s: s['rounds'] > 0, 75)
        self.assertGreaterEqual(status['down_intervals'], 1)
        self.assertEqual(node.stop(), OK)


if __name__ == '__main__':
    support.main()
