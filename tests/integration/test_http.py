# SPDX-License-Identifier: Apache-2.0
"""/metrics and /health, and what is not served: the rows BI-WEB that apply to pages that only
read."""

import os
import re
import socket
import unittest

import http_case
import raw
from harness import Server, until
from http_case import Wire, request

ROOM = 'metrics@chat.localhost'
USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
DOCUMENT = os.path.join(os.path.dirname(__file__), '..', '..', 'docs', 'operation.md')


class PagesCase(unittest.TestCase):
    config = {}

    @classmethod
    def setUpClass(cls):
        config, cls.port = http_case.with_pages(cls.config)
        cls.server = Server(config, USERS)
        cls.pages = http_case.Pages(cls.port)
        try:
            cls.server.start()
        except BaseException:
            cls.server.remove()
            raise

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.server.remove()

    def wire(self):
        wire = Wire(self.port)
        self.addCleanup(wire.close)
        return wire

    def ask(self, data, body=True):
        return self.wire().send(data).answer(body)


class Metrics(PagesCase):

    def value(self, name, **labels):
        return self.pages.metrics()[name].value(**labels)

    def test_the_page_is_in_prometheus_format(self):
        status, text, fields = self.pages.get('/metrics')
        self.assertEqual(status, 200)
        self.assertEqual(fields['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8')
        families = http_case.exposition.parse(text)
        for name, family in families.items():
            self.assertRegex(name, r'\Ahansard_[a-z_]+\Z')
            self.assertTrue(family.help.endswith('.'), family.help)

    def test_the_table_in_the_documentation_is_what_is_shown(self):
        with open(DOCUMENT) as f:
            documented = http_case.names_in(f.read())
        self.assertEqual(len(documented), len(set(documented)))
        self.assertEqual(sorted(documented), sorted(self.pages.metrics()))

    def test_what_people_do_is_counted(self):
        before = self.pages.metrics()
        with self.server.login('alice') as alice, self.server.login('bob') as bob:
            for name, client in (('alice', alice), ('bob', bob)):
                client.join(ROOM, name)
            for number in range(5):
                alice.say(ROOM, 'hello %d' % number)
                for client in (alice, bob):
                    client.hear(ROOM, 'hello %d' % number)
            alice.say('nowhere@chat.localhost', 'nobody hears it')
            alice.ping()
            until(lambda: self.value('hansard_occupants') == 2, what='two occupants')
            now = self.pages.metrics()
            self.assertEqual(now['hansard_sessions'].value(), 2)
            self.assertEqual(now['hansard_connections'].value(), 2)
            self.assertEqual(now['hansard_rooms'].value(), 1)

            def grown(name, **labels):
                return now[name].value(**labels) - before[name].value(**labels)
            self.assertEqual(grown('hansard_stanzas_received_total', kind='message'), 6)
            self.assertGreaterEqual(grown('hansard_room_deliveries_total'), 10)
            # Two made or entered, five said; sessions and views besides.
            self.assertGreaterEqual(grown('hansard_recorded_events_total'), 7)
            self.assertEqual(
                now['hansard_room_refusals_total'].value(condition='item-not-found'), 1)
            commits = now['hansard_commit_seconds']
            self.assertGreater(commits.samples[('hansard_commit_seconds_count', ())], 0)
            self.assertGreater(commits.samples[('hansard_commit_seconds_sum', ())], 0)
        until(lambda: self.value('hansard_sessions') == 0, what='that both are gone')

    def test_refused_logins_are_counted_by_reason(self):
        with self.server.tls() as client:
            client.open_stream()
            client.auth_plain('alice', 'wrong')
        until(lambda: ('hansard_client_refusals_total',
                       (('reason', 'not-authorized'), ('stage', 'sasl')))
              in self.pages.metrics()['hansard_client_refusals_total'].samples,
              what='a refusal in the metrics')

    def test_the_machine_is_shown(self):
        until(lambda: self.pages.metrics()['hansard_disk_free_bytes'].samples,
              what='that the disk was looked at')
        now = self.pages.metrics()
        for of in ('data_dir', 'content', 'archive'):
            free = now['hansard_disk_free_bytes'].value(of=of)
            self.assertGreater(now['hansard_disk_size_bytes'].value(of=of), free)
            space = os.statvfs(self.server.data)
            self.assertLess(abs(free - space.f_bavail * space.f_frsize), 1 << 30)
        self.assertAlmostEqual(now['hansard_process_resident_memory_bytes'].value(),
                               self.server.rss(), delta=self.server.rss() / 2)
        self.assertGreater(now['hansard_process_cpu_seconds_total'].value(), 0)
        self.assertGreater(now['hansard_process_open_fds'].value(), 5)
        started = os.stat('/proc/%d' % self.server.pid).st_mtime
        self.assertAlmostEqual(now['hansard_process_start_time_seconds'].value(), started, delta=5)
        self.assertGreater(now['hansard_certificate_expiry_seconds'].value(), started)
        self.assertEqual(now['hansard_archive_state'].value(state='following'), 1)
        self.assertEqual(now['hansard_archive_state'].total(), 1)
        self.assertEqual(now['hansard_build_info'].total(), 1)

    def test_health(self):
        status, health = self.pages.health()
        self.assertEqual((status, health['status']), (200, 'well'), health)
        self.assertEqual({part['status'] for name, part in health.items() if name != 'status'},
                         {'well'})


class Web(PagesCase):

    def test_a_page_is_not_kept_not_guessed_at_not_framed_BI_WEB_20(self):
        for path in ('/metrics', '/health', '/none'):
            answer = self.ask(request(path=path))
            self.assertEqual(answer.fields['Cache-Control'], 'no-store')
            self.assertEqual(answer.fields['X-Content-Type-Options'], 'nosniff')
            policy = answer.fields['Content-Security-Policy']
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn('Server', answer.fields)
            self.assertNotRegex(' '.join(answer.fields.values()), '(?i)hansard')

    def test_routes_are_two_paths_and_nothing_that_looks_like_them_BI_WEB_01(self):
        paths = ['/', '/metrics/', '/metrics/../metrics', '/metrics/../health', '/x/../metrics',
                 '//metrics', '/./metrics', '/%6detrics', '/metrics%2f', '/metrics%00', '/metrics;x',
                 '/metrics;a=b/..', '/%2e%2e/metrics', '/metrics/%2e%2e/metrics', '/metrics.',
                 '/METRICS', '/Metrics', '/health/', '/%u002e/metrics', '/metrics%20', '/metricsx',
                 '/login', '/setup', '/admin', '/index.html', '/favicon.ico', '/\\metrics']
        for path in paths:
            self.assertEqual(self.ask(request(path=path)).status, 404, path)
        self.assertEqual(self.ask(request(path='/metrics#x')).status, 400)  # RFC 9112 §3.2

    def test_a_query_changes_nothing(self):
        for path in ('/metrics?', '/metrics?name[]=x', '/health?verbose=1'):
            self.assertEqual(self.ask(request(path=path)).status, 200, path)

    def test_methods_BI_WEB_17(self):
        for method in ('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'):
            answer = self.ask(request(method))
            self.assertEqual((answer.status, answer.fields['Allow']), (405, 'GET, HEAD'), method)
        self.assertEqual(self.ask(request('CONNECT', 'localhost:80')).status, 405)
        self.assertEqual(self.ask(request('BREW')).status, 501)
        override = request(fields='Host: localhost\r\nX-HTTP-Method-Override: DELETE\r\n')
        self.assertEqual(self.ask(override).status, 200)
        head = self.ask(request('HEAD'), body=False)
        self.assertEqual(head.status, 200)
        self.assertGreater(int(head.fields['Content-Length']), 1000)

    def test_unknown_hosts_BI_WEB_14(self):
        for host in ('evil', 'evil.example:5280', 'localhost.evil', '192.0.2.1', '[2001:db8::1]'):
            self.assertEqual(self.ask(request(fields='Host: %s\r\n' % host)).status, 421, host)
        for host in ('localhost', 'LOCALHOST:1', '127.0.0.1:%d' % self.port, '[::1]'):
            self.assertEqual(self.ask(request(fields='Host: %s\r\n' % host)).status, 200, host)
        self.assertEqual(self.ask(request(path='http://evil/metrics')).status, 421)
        self.assertEqual(self.ask(request(path='http://localhost/metrics',
                                          fields='Host: evil\r\n')).status, 200)

    def test_requests_that_two_readers_could_read_differently(self):
        """Request smuggling, RFC 9112 §11.2: 400 and the end, nothing behind it is answered."""
        second = request(path='/health')
        shapes = ['GET /metrics HTTP/1.1\nHost: localhost\n\n',
                  'GET /metrics HTTP/1.1\r\nHost: localhost\n\r\n',
                  'GET /metrics HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n',
                  request(fields='Host: localhost\r\nX: a\r\n b\r\n'),
                  request(fields='Host: localhost\r\nHost: evil\r\n'),
                  request(fields=''),
                  request('POST', fields='Host: localhost\r\nContent-Length: 4\r\n'
                          'Transfer-Encoding: chunked\r\n'),
                  request('POST', fields='Host: localhost\r\nContent-Length: 4\r\n'
                          'Content-Length: 5\r\n'),
                  request('POST', fields='Host: localhost\r\nContent-Length : 4\r\n'),
                  request(fields='Host: localhost\r\nX\0: y\r\n'),
                  'GET  /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
                  'GET /metrics\r\n\r\n']
        for shape in shapes:
            wire = self.wire().send(shape + second)
            self.assertEqual(wire.answer().status, 400, shape)
            self.assertTrue(wire.ended(), shape)

    def test_bodies_are_refused(self):
        for fields in ('Content-Length: 4', 'Transfer-Encoding: chunked',
                       'Content-Length: 4\r\nExpect: 100-continue'):
            wire = self.wire().send(request('POST', fields='Host: localhost\r\n%s\r\n' % fields) +
                                    'body' + request())
            self.assertEqual(wire.answer().status, 413, fields)
            self.assertTrue(wire.ended())

    def test_versions(self):
        self.assertEqual(self.ask('GET /metrics HTTP/1.0\r\n\r\n').status, 200)
        for version in ('HTTP/2.0', 'HTTP/1.2', 'HTTP/3.0'):
            answer = self.ask('GET /metrics %s\r\nHost: localhost\r\n\r\n' % version)
            self.assertEqual(answer.status, 505, version)

    def test_lengths_below_at_and_above_the_limit(self):
        def line(size):
            return 'GET /%s HTTP/1.1' % ('x' * (size - len('GET / HTTP/1.1')))

        def fields(size):
            rest = 'Host: localhost\r\nX: '
            return rest + 'y' * (size - len(rest) - 2) + '\r\n'
        for size, status in ((8191, 404), (8192, 404), (8193, 414)):
            answer = self.ask(line(size) + '\r\nHost: localhost\r\n\r\n')
            self.assertEqual(answer.status, status, size)
        for size, status in ((8191, 200), (8192, 200), (8193, 431)):
            self.assertEqual(self.ask(request(fields=fields(size))).status, status, size)

    def test_connections_below_at_and_above_the_limit(self):
        until(lambda: self.pages.get('/health')[0] == 200)
        wires = []
        for number in range(64):
            wires.append(self.wire().send(request(path='/health')))
            self.assertEqual(wires[-1].answer().status, 200, number)
        self.assertTrue(self.wire().send(request()).ended())
        wires.pop().close()
        until(self.served, what='that a place is free again')
        with self.server.login('alice') as alice:  # whatever is asked of pages
            alice.ping()

    def served(self):
        with Wire(self.port) as wire:
            try:
                return wire.send(request(path='/health')).answer().status == 200
            except (AssertionError, ConnectionResetError):
                return False

    def test_pipelined_requests_are_answered_in_order(self):
        wire = self.wire()
        paths = ['/health', '/none', '/metrics'] * 20
        wire.send(''.join(request(path=path) for path in paths))
        statuses = [wire.answer().status for _ in paths]
        self.assertEqual(statuses, [200, 404, 200] * 20)

    def test_a_slow_request_is_ended_after_ten_seconds(self):
        wire = self.wire().send('GET /metrics HTTP/1.1\r\n')
        self.assertEqual(wire.answer().status, 408)
        self.assertTrue(wire.ended())

    def test_other_protocols(self):
        hello = bytes.fromhex('16030100c8010000c40303') + os.urandom(60)
        stream = ("<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>\r\n\r\n")
        for data in (hello, stream, 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n' + request(), '\0' * 100):
            wire = self.wire().send(data)
            self.assertEqual(wire.answer().status, 400)
            self.assertTrue(wire.ended())

    def test_nothing_that_is_asked_comes_into_the_log_BI_WEB_13(self):
        self.server.quiet()
        before = len(self.server.lines)
        self.ask(request(path='/\x1b[31mred'))
        self.ask(request(path='/%0aforged', fields='Host: localhost\r\nUser-Agent: forged\r\n'))
        self.server.quiet()
        self.assertEqual(self.server.lines[before:], [])


class FurtherNames(PagesCase):
    config = {'listen': {'http_hosts': ['Monitoring.Example']}}

    def test_a_configured_name_is_ours(self):
        self.assertEqual(self.ask(request(fields='Host: monitoring.example:80\r\n')).status, 200)
        self.assertEqual(self.ask(request(fields='Host: example\r\n')).status, 421)


if __name__ == '__main__':
    unittest.main()
