#!/usr/bin/env python3
"""Peers of a node acquire resources and reach each other through collections: grants, messages, rights, waiting, pushing, reconnects.

Usage: acquire_test.py FORESTAGE [unittest arguments]
"""
import base64
import time

from agent_wire import AgentWire
from node_process import NodeCase
import support
from support import OK

NOT_FOUND, LIMIT, NOT_PERMITTED, UNAVAILABLE, INVALID, INCOMPATIBLE = 3, 8, 12, 13, 1, 7


def text_of(message):
    return base64.b64decode(message['payload']).decode()


class Peer:
    """A connection of a peer, that asks and waits for its answers; what comes unasked is kept."""

    def __init__(self, node, name, token='', session=None, region='eu', messages=0):
        self.wire = AgentWire(node.ports[0])
        self.session = session or f'{name}-' + 'x' * 16
        self.wire.send(hello={'version': 1, 'session': self.session, 'token': token, 'profile': {'region': region, 'device': 'browser'},
                              'messages': messages})
        kind, self.welcome = self.wire.receive()
        assert kind == 'welcome', (kind, self.welcome)
        self.name = self.welcome['peer']
        self.questions, self.needs, self.unasked = 0, 0, []

    def ask_only(self, kind, **what):
        self.questions += 1
        self.wire.send(**{kind: {'question': self.questions, **what}})
        return self.questions

    def answer(self, question):
        for at, (kind, what) in enumerate(self.unasked):
            if int(what.get('question', 0)) == question:
                return self.unasked.pop(at)
        while True:
            kind, what = self.wire.receive()
            if int(what.get('question', 0)) == question:
                return kind, what
            self.unasked.append((kind, what))

    def ask(self, kind, **what):
        return self.answer(self.ask_only(kind, **what))

    def acquire(self, resource, role='ROLE_REQUESTER', need=None):
        if need is None:
            self.needs += 1
        return self.ask('acquire', resource=resource, role=role, need=need or self.needs)

    def close(self):
        self.wire.socket.close()


class Acquire(NodeCase):
    def setUp(self):
        super().setUp()
        self.running = self.node()
        self.running.start()

    def peer(self, name, **more):
        peer = Peer(self.running, name, **more)
        self.addCleanup(peer.close)
        return peer

    def failed(self, answer, code):
        self.assertEqual(answer[0], 'failure', answer)
        self.assertEqual(answer[1].get('code'), code, answer)
        return answer[1]['text']

    def pair(self, resource='room/42', **more):
        """A provider and a requester with their grants."""
        provider, requester = self.peer('provider', **more), self.peer('requester', **more)
        kind, provides = provider.acquire(resource, 'ROLE_PROVIDER')
        self.assertEqual(kind, 'grant', provides)
        kind, requests = requester.acquire(resource)
        self.assertEqual(kind, 'grant', requests)
        return provider, provides, requester, requests

    def test_two_peers_reach_each_other(self):
        provider, provides, requester, requests = self.pair()
        self.assertEqual(provides['resource_collection']['verbs'], ['get', 'purge'])
        self.assertNotIn('peer_collection', provides)
        self.assertEqual(requests['resource_collection']['verbs'], ['put'])
        self.assertEqual(requests['resource_collection']['id'], provides['resource_collection']['id'])
        self.assertEqual(requests['peer_collection']['verbs'], ['get', 'purge'])
        self.assertFalse(requests.get('warm', False))  # nobody has planned it
        room, own = provides['resource_collection'], requests['peer_collection']
        offer = base64.b64encode(b'an offer for ' + own['id'].encode()).decode()
        self.assertEqual(requester.ask('put', collection=room['id'], payload=offer), ('accepted', {'question': '2', 'number': '1'}))
        kind, got = provider.ask('next', collection=room['id'], incarnation=room['incarnation'], most=10)
        self.assertEqual((kind, len(got['messages'])), ('messages', 1))
        message = got['messages'][0]
        self.assertEqual((message['sender'], message['number'], message['delivery']), (requester.name, '1', 1))
        reply_to = text_of(message).removeprefix('an offer for ')
        self.assertEqual(provider.ask('done', collection=room['id'], numbers=[1])[1]['number'], '1')
        # The requester waits before there is anything.
        waiting = requester.ask_only('next', collection=own['id'], most=1, wait_ms=20_000)
        time.sleep(.2)
        self.assertEqual(provider.ask('put', collection=reply_to, payload=base64.b64encode(b'an answer').decode())[0], 'accepted')
        kind, answer = requester.answer(waiting)
        self.assertEqual(([text_of(m) for m in answer['messages']], answer['messages'][0]['sender']), (['an answer'], provider.name))

    def test_a_request_counts_once_under_its_need(self):
        requester = self.peer('requester')
        first = requester.acquire('room/1', need=1)[1]
        again = requester.acquire('room/1', need=1)[1]
        self.assertEqual(first['peer_collection']['id'], again['peer_collection']['id'])
        self.running.wait_until(lambda s: s['requests']['waiting'] == 1, 10)
        # So it does after a reconnect, and the collection is the same.
        requester.close()
        back = self.peer('requester')
        self.assertEqual(back.acquire('room/1', need=1)[1]['peer_collection']['id'], first['peer_collection']['id'])
        back.acquire('room/1', need=2)
        status = self.running.wait_until(lambda s: s['requests']['waiting'] == 2, 10)
        self.peer('provider').acquire('room/1', 'ROLE_PROVIDER')  # does not ask for anything
        time.sleep(.3)
        self.assertEqual(self.running.status()['requests']['waiting'], 2)
        self.assertEqual(status['requests']['waiting'], 2)
        self.running.wait_until(lambda s: s['staged']['grants'] == 2 and s['staged']['requests'] == 2, 10)
        text = self.running.ask('GET', '/metrics')[1]
        self.assertIn('forestage_acquired_total{ready="cold"} ', text)

    def test_nobody_has_a_right_that_was_not_granted(self):
        provider, provides, requester, requests = self.pair()
        third = self.peer('third')
        room, own = provides['resource_collection']['id'], requests['peer_collection']['id']
        payload = base64.b64encode(b'x').decode()
        other_room = third.acquire('room/other')[1]
        cases = [
            ('third puts where it holds nothing', third, 'put', {'collection': room, 'payload': payload}),
            ('third takes from a resource', third, 'next', {'collection': room}),
            ('third purges a resource', third, 'purge', {'collection': room}),
            ('third ends messages of a resource', third, 'done', {'collection': room, 'numbers': [1]}),
            ('third puts to a peer', third, 'put', {'collection': own, 'payload': payload}),
            ('third takes from a peer', third, 'next', {'collection': own}),
            ('third purges a peer', third, 'purge', {'collection': own}),
            ('third subscribes to a peer', third, 'next', {'collection': own, 'forever': True}),
            ('requester takes from the resource', requester, 'next', {'collection': room}),
            ('requester purges the resource', requester, 'purge', {'collection': room}),
            ('requester puts to itself', requester, 'put', {'collection': own, 'payload': payload}),
            ('provider puts to the resource', provider, 'put', {'collection': room, 'payload': payload}),
            ('provider takes from a peer', provider, 'next', {'collection': own}),
            ('provider purges a peer', provider, 'purge', {'collection': own}),
            ('provider puts to a peer of another resource', provider, 'put',
             {'collection': other_room['peer_collection']['id'], 'payload': payload}),
        ]
        for name, peer, kind, what in cases:
            with self.subTest(name):
                answer = peer.ask(kind, **what)
                self.assertEqual(answer[0], 'failure', answer)
                self.assertIn(answer[1]['code'], (NOT_PERMITTED, INVALID) if what.get('forever') else (NOT_PERMITTED,), answer)
        self.failed(third.ask('put', collection='p/none/1', payload=payload), NOT_FOUND)
        # What was released is over.
        self.assertEqual(requester.ask('release', resource='room/42')[0], 'accepted')
        self.failed(requester.ask('put', collection=room, payload=payload), NOT_PERMITTED)
        self.failed(provider.ask('put', collection=own, payload=payload), UNAVAILABLE)

    def test_questions_that_make_no_sense_are_told_why(self):
        requester = self.peer('requester')
        self.assertIn('needs are numbered', self.failed(requester.ask('acquire', resource='a', role='ROLE_REQUESTER'), INVALID))
        self.failed(requester.ask('acquire', resource='a', need=1), INVALID)
        self.failed(requester.acquire('x' * 257), 2)
        self.failed(requester.acquire(''), INVALID)
        granted = requester.acquire('room/1')[1]
        own = granted['peer_collection']
        self.assertIn('begun anew', self.failed(requester.ask('next', collection=own['id'], incarnation=7), INCOMPATIBLE))
        large = requester.ask('put', collection=granted['resource_collection']['id'], payload=base64.b64encode(bytes(65_537)).decode())
        self.assertIn('at most 65536', self.failed(large, INVALID))
        self.assertIn('messages', self.failed(requester.ask('next', collection=own['id'], forever=True), INVALID))

    def test_messages_are_pushed_as_they_come_within_what_the_agent_allows(self):
        provider, provides, requester, requests = self.pair(messages=3)
        room = provides['resource_collection']['id']
        stream = provider.ask_only('next', collection=room, forever=True)
        for i in range(10):
            self.assertEqual(requester.ask('put', collection=room, payload=base64.b64encode(b'%d' % i).decode())[0], 'accepted')
        got = []
        while len(got) < 10:
            kind, what = provider.answer(stream)
            self.assertEqual(kind, 'messages', what)
            self.assertLessEqual(len(what['messages']), 3)
            got += [text_of(m) for m in what['messages']]
            numbers = [m['number'] for m in what['messages']]
            self.assertEqual(provider.ask('done', collection=room, numbers=numbers)[0], 'accepted')
        self.assertEqual(got, [str(i) for i in range(10)])
        # Release ends it: the question is answered for the last time, with nothing.
        self.assertEqual(provider.ask('release', collection=room)[0], 'accepted')
        self.assertNotIn('messages', provider.answer(stream)[1])

    def test_a_reader_that_has_gone_leaves_its_messages_to_the_next(self):
        provider, provides, requester, requests = self.pair()
        room = provides['resource_collection']['id']
        requester.ask('put', collection=room, payload=base64.b64encode(b'm').decode())
        self.assertEqual(len(provider.ask('next', collection=room)[1]['messages']), 1)
        provider.close()
        back = self.peer('provider')
        back.acquire('room/42', 'ROLE_PROVIDER', need=1)
        kind, got = back.ask('next', collection=room, wait_ms=10_000)
        self.assertEqual((text_of(got['messages'][0]), got['messages'][0]['delivery']), ('m', 2))

    def test_regions_meet_in_one_collection(self):
        provider = self.peer('provider', region='eu')
        requester = self.peer('requester', region='us')
        room = provider.acquire('room/1', 'ROLE_PROVIDER')[1]['resource_collection']['id']
        self.assertEqual(requester.acquire('room/1')[1]['resource_collection']['id'], room)
        requester.ask('put', collection=room, payload=base64.b64encode(b'hello').decode())
        self.assertEqual(text_of(provider.ask('next', collection=room)[1]['messages'][0]), 'hello')


class Rights(NodeCase):
    """What a token allows."""

    def issue(self, *arguments):
        done = support.run('token', 'issue', '--keys', 'keys', *arguments, cwd=self.path)
        self.assertEqual(done.returncode, OK, done.stderr)
        return done.stdout.strip()

    def test_roles_and_resources_of_the_token_decide(self):
        self.assertEqual(support.run('token', 'keys', 'new', '--keys', 'keys', cwd=self.path).returncode, OK)
        running = self.node('[agents]\ntokens = "required"\nkeys = "keys"\n')
        running.start()
        tokens = {name: self.issue('--peer', name, '--role', role, '--resources', resources)
                  for name, role, resources in [('alice', 'requester', 'room/*'), ('bob', 'provider', 'room/1')]}
        alice, bob = (Peer(running, name, token=token) for name, token in tokens.items())
        self.addCleanup(alice.close)
        self.addCleanup(bob.close)
        self.assertEqual((alice.name, alice.acquire('room/7')[0]), ('alice', 'grant'))
        for peer, resource, role in [(alice, 'room/7', 'ROLE_PROVIDER'), (alice, 'video/1', 'ROLE_REQUESTER'),
                                     (bob, 'room/1', 'ROLE_REQUESTER'), (bob, 'room/2', 'ROLE_PROVIDER')]:
            with self.subTest(peer=peer.name, resource=resource, role=role):
                kind, what = peer.acquire(resource, role)
                self.assertEqual((kind, what['code']), ('failure', NOT_PERMITTED))
        self.assertEqual(bob.acquire('room/1', 'ROLE_PROVIDER')[0], 'grant')
        # Reports of one without the scope are answered, and do not count.
        alice.wire.report(1, [('room/7', 5)], int(time.time() * 1000))
        kind, what = alice.wire.receive()
        self.assertEqual((kind, what['code']), ('failure', NOT_PERMITTED))
        self.assertIn('scope', what['text'])
        self.assertEqual(alice.wire.receive(), ('acknowledged', {'sequence': '1'}))
        time.sleep(.3)
        self.assertEqual(running.status()['requests']['waiting'], 1)  # the one acquired


if __name__ == '__main__':
    support.main()
