# SPDX-License-Identifier: Apache-2.0
"""In-band registration (XEP-0077): off by default; where it is on, before login and after."""

import unittest

import raw
from harness import Server, until

REGISTER = 'jabber:iq:register'
FEATURE = raw.q('http://jabber.org/features/iq-register', 'register')
USERS = {'juliet': 'juliets-secret-1'}
ACCOUNTS_AN_HOUR = 5


def query(content=''):
    return "<query xmlns='%s'>%s</query>" % (REGISTER, content)


def form(user, password):
    return query('<username>%s</username><password>%s</password>' % (user, password))


class Registration(unittest.TestCase):
    config = {'c2s': {'registration': True}}

    def setUp(self):
        self.server = Server(self.config, dict(USERS))
        self.addCleanup(self.server.remove)
        self.server.start()

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.tail())
        self.server.check_reports()
        for line in self.server.lines:
            self.assertNotIn('secret', line)
        self.server.stop()

    def stranger(self):
        client = self.server.tls()
        self.addCleanup(client.close)
        client.open_stream()
        return client

    def ask(self, client, content, type='set', to=None):
        answer = client.request(content, to=to, type=type)
        return raw.error_of(answer), answer

    def test_an_account_is_made_and_may_log_in(self):
        client = self.stranger()
        self.assertIsNotNone(client.features.find(FEATURE))
        error, answer = self.ask(client, query(), 'get')
        self.assertIsNone(error)
        asked = answer.find(raw.q(REGISTER, 'query'))
        for field in ('instructions', 'username', 'password'):
            self.assertIsNotNone(asked.find(raw.q(REGISTER, field)))
        self.assertIsNone(self.ask(client, form('Romeo', 'romeos-secret'))[0])
        self.server.kill9()
        self.server.start()
        self.server.users['romeo'] = 'romeos-secret'
        with self.server.login('romeo', 'SCRAM-SHA-256') as romeo:
            self.assertTrue(romeo.jid.startswith('romeo@localhost/'))

    def test_what_is_refused(self):
        client = self.stranger()
        for taken in ('juliet', 'admin'):  # who is named as administrator is so from the start
            self.assertEqual(self.ask(client, form(taken, 'x'))[0], ('cancel', 'conflict'))
        for wrong in (form('', 'x'), form('a@b', 'x'), form('romeo', ''), query(),
                      form('romeo', '&#x85;'), query('<remove/>')):
            self.assertEqual(self.ask(client, wrong)[0], ('modify', 'not-acceptable'), wrong)
        self.assertEqual(client.auth_plain('juliet', USERS['juliet']).tag,
                         raw.q(raw.SASL, 'success'))

    def test_so_many_from_one_address(self):
        for number in range(ACCOUNTS_AN_HOUR):
            self.assertIsNone(self.ask(self.stranger(), form('u%d' % number, 'secret'))[0])
        self.assertEqual(self.ask(self.stranger(), form('one-more', 'secret'))[0],
                         ('wait', 'resource-constraint'))
        self.assertEqual(len(self.server.command('user', 'list').stdout.split('@localhost')) - 1,
                         len(USERS) + ACCOUNTS_AN_HOUR)

    def test_without_tls_it_is_not_offered(self):
        client = self.server.plain()
        self.addCleanup(client.close)
        client.open_stream()
        self.assertIsNone(client.features.find(FEATURE))
        self.assertEqual(self.ask(client, query(), 'get')[0], ('cancel', 'service-unavailable'))

    def test_a_new_password_ends_the_other_sessions(self):
        one, other = self.server.login('juliet'), self.server.login('juliet')
        for client in (one, other):
            self.addCleanup(client.close)
        self.assertEqual(self.ask(one, form('romeo', 'x'))[0], ('cancel', 'not-allowed'))
        self.assertEqual(self.ask(one, form('juliet', ''))[0], ('modify', 'not-acceptable'))
        self.assertIsNone(self.ask(one, form('juliet', 'new-secret'), to='localhost')[0])
        error = other.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'))
        self.assertEqual(raw.stream_condition(error), 'not-authorized')
        self.assertEqual(one.ping().get('type'), 'result')
        self.server.users['juliet'] = 'new-secret'
        self.server.login('juliet').end()

    def test_an_account_is_removed(self):
        client = self.server.login('juliet')
        self.addCleanup(client.close)
        self.assertIsNone(self.ask(client, query('<remove/>'))[0])
        error = client.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'))
        self.assertEqual(raw.stream_condition(error), 'not-authorized')
        gone = self.stranger().auth_plain('juliet', USERS['juliet'])
        self.assertEqual(raw.sasl_condition(gone), 'not-authorized')
        until(lambda: 'juliet@' not in self.server.command('user', 'list').stdout, 10, 'removal')
        # Rooms may still know it: nobody gets it by asking, an administrator may give it out.
        self.assertEqual(self.ask(self.stranger(), form('Juliet', 'strangers-secret'))[0],
                         ('cancel', 'conflict'))
        self.server.command('user', 'add', 'juliet@localhost', '--password', 'new-secret')
        self.server.users['juliet'] = 'new-secret'
        self.server.login('juliet').end()


class RegistrationOff(unittest.TestCase):
    def test_it_is_not_there(self):
        server = Server(users=dict(USERS))
        self.addCleanup(server.remove)
        server.start()
        client = server.tls()
        self.addCleanup(client.close)
        client.open_stream()
        self.assertIsNone(client.features.find(FEATURE))
        for content, kind in ((query(), 'get'), (form('romeo', 'x'), 'set')):
            self.assertEqual(raw.error_of(client.request(content, type=kind)),
                             ('cancel', 'service-unavailable'))
        with server.login('juliet') as juliet:
            self.assertEqual(raw.error_of(juliet.request(query('<remove/>'), type='set')),
                             ('cancel', 'service-unavailable'))
        server.stop()


if __name__ == '__main__':
    unittest.main()
