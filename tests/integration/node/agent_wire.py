"""An agent by hand: a WebSocket on a raw socket, the protocol as JSON in text frames. Standard library only."""
import base64
import json
import os
import socket
import struct

from node_process import NotThere

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(NotThere):
    """The link was closed; `code` and the text say why."""

    def __init__(self, code, text):
        super().__init__(f'{code} {text}')
        self.code, self.text = code, text


class AgentWire:
    def __init__(self, port, timeout=30):
        try:
            self.socket = socket.create_connection(('127.0.0.1', port), timeout)
            key = base64.b64encode(os.urandom(16)).decode()
            self.socket.sendall((f'GET /v1/agent HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                                 f'Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n').encode())
            self.rest = b''
            while b'\r\n\r\n' not in self.rest:
                self.more()
        except OSError as failure:
            raise NotThere(str(failure)) from failure
        head, self.rest = self.rest.split(b'\r\n\r\n', 1)
        if not head.startswith(b'HTTP/1.1 101'):
            raise NotThere(head.decode(errors='replace'))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        try:
            data = self.socket.recv(1 << 16)
        except OSError as failure:
            raise NotThere(str(failure)) from failure
        if not data:
            raise Closed(1006, 'broken')
        self.rest += data

    def need(self, count):
        while len(self.rest) < count:
            self.more()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def send_raw(self, payload, opcode=TEXT):
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b'\xfe' + struct.pack('>H', size) if size < 1 << 16 else b'\xff' + struct.pack('>Q', size)
        mask = os.urandom(4)
        try:
            self.socket.sendall(bytes([0x80 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))
        except OSError as failure:
            raise NotThere(str(failure)) from failure

    def send(self, **frame):
        self.send_raw(json.dumps(frame).encode())

    def receive(self):
        """The next frame: (its kind, what it says). Errors: Closed."""
        while True:
            first, second = self.need(2)
            size = second & 127
            if size >= 126:
                size, = struct.unpack('>H', self.need(2)) if size == 126 else struct.unpack('>Q', self.need(8))
            payload, opcode = self.need(size), first & 15
            if opcode == CLOSE:
                raise Closed(struct.unpack('>H', payload[:2])[0] if payload else 1005, payload[2:].decode())
            if opcode == PING:
                self.send_raw(payload, PONG)
            elif opcode == TEXT:
                (kind, what), = json.loads(payload).items()
                return kind, what

    def hello(self, session, first_report=1, token='', region='eu'):
        self.send(hello={'version': 1, 'session': session, 'token': token, 'profile': {'region': region, 'device': 'server'},
                         'first_report': first_report})
        return self.receive()

    def report(self, sequence, events, base_ms):
        """events: (resource, count)."""
        self.send(report={'sequence': sequence, 'base_ms': base_ms,
                          'events': [{'request': {'resource': resource, 'count': count}} for resource, count in events]})
