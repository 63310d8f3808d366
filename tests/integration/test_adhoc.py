# SPDX-License-Identifier: Apache-2.0
"""The administrative commands as ad-hoc commands (XEP-0050): with a stock client, and BI-STZ-19."""

import json
import os
import subprocess
import unittest

import clients
import raw
from command_case import DONE, CommandCase

COMMANDS = 'http://jabber.org/protocol/commands'
DATA = 'jabber:x:data'


class AdHoc(CommandCase):

    def setUp(self):
        self.server = self.make(users={'root': 'secret-1', 'alice': 'secret-2'},
                                config={'admins': ['root@localhost']})
        self.server.start()
        self.addCleanup(lambda: self.server.alive() and self.server.stop())
        self.count = 0

    def login(self, user, resource='a'):
        client = self.server.login(user, resource=resource)
        self.addCleanup(client.close)
        return client

    def ask(self, client, type_, payload):
        self.count += 1
        id_ = 'c%d' % self.count
        client.send("<iq type='%s' id='%s' to='localhost'>%s</iq>" % (type_, id_, payload))
        return client.wait(lambda e: e.get('id') == id_)

    def command(self, client, node, attributes='', inside=''):
        return self.ask(client, 'set', "<command xmlns='%s' node='hansard#%s' %s>%s</command>" %
                        (COMMANDS, node, attributes, inside))

    @staticmethod
    def form(**fields):
        return "<x xmlns='%s' type='submit'>%s</x>" % (DATA, ''.join(
            "<field var='%s'>%s</field>" % (var, ''.join(
                '<value>%s</value>' % v for v in (value if isinstance(value, list) else [value])))
            for var, value in fields.items()))

    def begin(self, client, node):
        answer = self.command(client, node, "action='execute'")
        command = answer.find(raw.q(COMMANDS, 'command'))
        self.assertEqual(command.get('status'), 'executing', raw.to_text(answer))
        return command.get('sessionid'), command

    def specific(self, answer):
        """The condition, and XEP-0050's own."""
        self.assertEqual(answer.get('type'), 'error', raw.to_text(answer))
        error = answer.find(raw.q(raw.CLIENT, 'error'))
        return [raw.local_name(child) for child in error
                if raw.local_name(child) != 'text']

    def test_only_administrators_see_and_use_them(self):
        root, alice = self.login('root'), self.login('alice')
        query = ("<query xmlns='http://jabber.org/protocol/disco#%s' node='%s'/>")
        for client, seen in ((root, True), (alice, False)):
            listed = raw.to_text(self.ask(client, 'get', query % ('items', COMMANDS)))
            self.assertEqual('hansard#user-add' in listed, seen, listed)
            self.assertNotIn('hansard#db-migrate', listed)
            about = self.ask(client, 'get', query % ('info', 'hansard#user-add'))
            self.assertEqual(about.get('type'), 'result' if seen else 'error')
        self.assertEqual(self.specific(self.command(alice, 'user-add')), ['forbidden'])
        self.assertEqual(self.specific(self.command(root, 'no-such-command')), ['item-not-found'])
        # An account made with --admin may at once.
        self.expect(self.server.command('user', 'add', 'carol@localhost', '--admin',
                                        '--password-stdin', input='secret-3\n'), DONE)
        self.server.users['carol'] = 'secret-3'
        carol = self.login('carol')
        self.begin(carol, 'user-add')

    def test_a_command_from_form_to_result(self):
        root = self.login('root')
        session, command = self.begin(root, 'user-add')
        types = {f.get('var'): f.get('type') for f in command.iter(raw.q(DATA, 'field'))}
        self.assertEqual(types, {'jid': 'jid-single', 'password': 'text-private',
                                 'admin': 'boolean'})
        done = self.command(root, 'user-add', "sessionid='%s' action='complete'" % session,
                            self.form(jid='bob@localhost', password='bobs-secret', admin='0'))
        command = done.find(raw.q(COMMANDS, 'command'))
        self.assertEqual(command.get('status'), 'completed', raw.to_text(done))
        self.assertIn('bob@localhost', command.find(raw.q(COMMANDS, 'note')).text)
        self.server.users['bob'] = 'bobs-secret'
        self.login('bob')
        # A list comes as a table.
        session, _ = self.begin(root, 'user-list')
        listed = self.command(root, 'user-list', "sessionid='%s'" % session, self.form())
        self.assertEqual(len(list(listed.iter(raw.q(DATA, 'item')))), 3)
        self.assertIsNotNone(listed.find('.//' + raw.q(DATA, 'reported')))
        # What needs no form comes at once.
        status = self.command(root, 'status')
        self.assertEqual(status.find(raw.q(COMMANDS, 'command')).get('status'), 'completed')
        self.assertIn('sessions', raw.to_text(status))
        # What is refused is said in a note.
        session, _ = self.begin(root, 'group-remove')
        refused = self.command(root, 'group-remove', "sessionid='%s'" % session,
                               self.form(name='nobodies'))
        note = refused.find('.//' + raw.q(COMMANDS, 'note'))
        self.assertEqual(note.get('type'), 'error')
        self.assertIn('no group nobodies', note.text)
        self.server.stop()
        rows = self.server.storage.rows
        kept = ''.join(leaf for leaf, in rows('archive', 'SELECT leaf FROM event WHERE t = 604'))
        data = rows('archive', 'SELECT data FROM part')
        self.assertIn('"channel":"adhoc"', kept)
        everything = kept + ''.join(str(row[0]) for row in data)
        self.assertIn('root@localhost/a', everything)
        self.assertNotIn('bobs-secret', everything)

    def test_bad_sessions_and_stages_bi_stz_19(self):
        root, other = self.login('root'), self.login('root', 'b')
        session, _ = self.begin(root, 'group-add')
        form = self.form(name='city')
        bad = ['bad-request', 'bad-sessionid']
        with self.subTest('wrong session id'):
            self.assertEqual(self.specific(self.command(
                root, 'group-add', "sessionid='nonsense' action='complete'", form)), bad)
        with self.subTest("another session's id"):
            self.assertEqual(self.specific(self.command(
                other, 'group-add', "sessionid='%s' action='complete'" % session, form)), bad)
        with self.subTest("another command's id"):
            self.assertEqual(self.specific(self.command(
                root, 'group-remove', "sessionid='%s' action='complete'" % session, form)), bad)
        with self.subTest('stages that are not there'):
            for action in ('prev', 'next'):
                self.assertEqual(self.specific(self.command(
                    root, 'group-add', "sessionid='%s' action='%s'" % (session, action), form)),
                    ['bad-request', 'bad-action'])
            self.assertEqual(self.specific(self.command(
                root, 'group-add', "sessionid='%s' action='dance'" % session, form)),
                ['bad-request', 'malformed-action'])
            self.assertEqual(self.specific(self.command(root, 'group-add', "action='complete'",
                                                        form)), ['bad-request', 'bad-action'])
        with self.subTest('a form that is none, lacks something, has too much, is huge'):
            many = ''.join("<field var='f%d'><value>x</value></field>" % i for i in range(1000))
            for inside in ('', "<x xmlns='%s' type='form'/>" % DATA, self.form(),
                           self.form(name='a b'), self.form(name='x' * 10000),
                           self.form(name='city', more='x'),
                           "<x xmlns='%s' type='submit'>%s</x>" % (DATA, many)):
                self.assertEqual(self.specific(self.command(
                    root, 'group-add', "sessionid='%s' action='complete'" % session, inside)),
                    ['bad-request', 'bad-payload'])
        with self.subTest('it is still there, is used once, and is gone'):
            done = self.command(root, 'group-add', "sessionid='%s'" % session, form)
            self.assertEqual(done.get('type'), 'result', raw.to_text(done))
            self.assertEqual(self.specific(self.command(
                root, 'group-add', "sessionid='%s'" % session, form)), bad)
        with self.subTest('cancelled'):
            session, _ = self.begin(root, 'group-add')
            answer = self.command(root, 'group-add', "sessionid='%s' action='cancel'" % session)
            self.assertEqual(answer.find(raw.q(COMMANDS, 'command')).get('status'), 'canceled')
            self.assertEqual(self.specific(self.command(
                root, 'group-add', "sessionid='%s'" % session, form)), bad)

    def test_slixmpp(self):
        done = subprocess.run(
            [clients.DEBIAN_PYTHON, os.path.join(clients.HERE, 'slixmpp_adhoc.py'),
             'root@localhost', 'secret-1', '127.0.0.1', str(self.server.tls_port),
             os.path.join(self.server.data, 'tls', 'fullchain.pem')],
            capture_output=True, text=True, timeout=raw.PATIENCE * 4)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        seen = json.loads(done.stdout.splitlines()[-1])
        self.assertIn('hansard#group-add', seen['nodes'])
        self.assertEqual(seen['added'], 'completed')
        self.assertEqual(seen['groups'], ['city'])


if __name__ == '__main__':
    unittest.main()
