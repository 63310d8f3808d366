# SPDX-License-Identifier: Apache-2.0
"""A server with its pages, and a client that says exactly what it is told to."""

import http.client
import json
import re
import socket

import exposition
import harness


class Answer:
    def __init__(self, head, body):
        lines = head.decode('ascii').split('\r\n')
        self.line = lines[0]
        self.status = int(lines[0].split(' ')[1])
        self.fields = dict(line.split(': ', 1) for line in lines[1:] if line)
        self.body = body


class Wire:
    """One TCP connection to the pages."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout=20)
        self.file = self.socket.makefile('rb')

    def send(self, data):
        try:
            self.socket.sendall(data if isinstance(data, bytes) else data.encode('latin-1'))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer is what counts
        return self

    def answer(self, body=True):
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            line = self.file.readline()
            if not line:
                raise AssertionError('ended within %r' % head)
            head += line
        found = Answer(head[:-4], b'')
        if body:
            found.body = self.file.read(int(found.fields['Content-Length']))
        return found

    def ended(self):
        try:
            return self.file.read(1) == b''
        except ConnectionResetError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method='GET', path='/metrics', fields='Host: localhost\r\n'):
    return '%s %s HTTP/1.1\r\n%s\r\n' % (method, path, fields)


class Pages:
    """Asks a server's pages."""

    def __init__(self, port):
        self.port = port

    def get(self, path, method='GET', headers=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode('utf-8'), dict(answer.getheaders())
        finally:
            connection.close()

    def metrics(self):
        status, text, _ = self.get('/metrics')
        if status != 200:
            raise AssertionError('/metrics: %d' % status)
        return exposition.parse(text)

    def health(self):
        status, text, _ = self.get('/health')
        return status, json.loads(text)


def with_pages(config=None):
    """A configuration with listen.http, and its port."""
    port, = harness.free_ports(1)
    pages = {'listen': {'http': ['127.0.0.1:%d' % port]}}
    return harness.merged(pages, config or {}), port


def names_in(text):
    """Metrics named in a table of Markdown: | `hansard_x` | …"""
    return re.findall(r'^\| `(hansard_\w+)`', text, re.MULTILINE)
