# SPDX-License-Identifier: Apache-2.0
"""Groups, rooms and databases from the command line, with no server on the data directory and with
one."""

import json
import unittest

import raw
from command_case import DONE, REFUSED, USAGE, CommandCase
from test_user_commands import stopped_and_running

STORAGES = ('sqlite', 'postgresql')


class Groups(CommandCase):

    def json(self, *words):
        return json.loads(self.expect(self.server.command(*words, '--json'), DONE).stdout)

    @stopped_and_running
    def test_life_of_a_group(self):
        run = self.server.command
        self.server.import_users({'romeo': 'secret-1'})
        self.expect(run('group', 'list'), DONE, 'no groups')
        self.expect(run('group', 'add', 'House-Of-Montague'), DONE, 'house-of-montague')
        self.expect(run('group', 'add', 'house-of-montague'), REFUSED, 'exists already')
        for bad in ('a b', 'a@b', '+a', 'everyone', 'x' * 65, ''):
            self.expect(run('group', 'add', bad), USAGE, 'group')
        self.expect(run('group', 'member', 'add', 'house-of-montague', 'romeo@localhost',
                        'benvolio@example.org'), DONE, 'added 2 members')
        self.expect(run('group', 'member', 'add', 'house-of-montague', 'romeo@localhost'), DONE,
                    'already')
        self.expect(run('group', 'member', 'add', 'house-of-montague', 'nobody@localhost'), REFUSED,
                    'no account nobody@localhost')
        self.expect(run('group', 'member', 'add', 'house-of-capulet', 'romeo@localhost'), REFUSED,
                    'no group house-of-capulet')
        shown = self.json('group', 'show', 'house-of-montague')
        self.assertEqual([m['jid'] for m in shown['members']],
                         ['benvolio@example.org', 'romeo@localhost'])
        self.assertEqual(self.json('group', 'list')['groups'][0]['members'], 2)
        self.expect(run('group', 'member', 'remove', 'house-of-montague', 'benvolio@example.org'),
                    DONE, 'removed 1 member')
        self.expect(run('user', 'remove', 'romeo@localhost'), DONE)
        self.assertEqual(self.json('group', 'show', 'house-of-montague')['members'], [])
        self.expect(run('group', 'remove', 'house-of-montague'), DONE)
        self.expect(run('group', 'show', 'house-of-montague'), REFUSED, 'no group')

    def test_help_follows_from_the_declarations(self):
        server = self.make()
        self.expect(server.command('group', '--help'), DONE, 'member', 'makes a group')
        self.expect(server.command('room', 'list', '--help'), DONE, '--service DOMAIN',
                    '--max N', '--after ROOM_JID')
        self.expect(server.command('group', 'member', 'add', '--help'), DONE, 'NAME', 'JID')


class Rooms(CommandCase):

    def json(self, *words):
        return json.loads(self.expect(self.server.command(*words, '--json'), DONE).stdout)

    def test_rooms_of_a_running_server_and_of_a_stopped_one(self):
        server = self.server = self.make(users={'alice': 'secret-1'})
        server.start()
        with server.login('alice') as alice:
            for name in ('attic', 'balcony', 'cellar'):
                room = name + '@chat.localhost'
                alice.send("<presence to='%s/Alice'><x xmlns='%s'/></presence>" % (room, raw.MUC))
                alice.wait(lambda e, room=room: e.get('from') == room + '/Alice')
                alice.send("<iq type='set' id='%s' to='%s'><query xmlns='%s'>"
                           "<x xmlns='jabber:x:data' type='submit'/></query></iq>" %
                           (name, room, raw.MUC_OWNER))
                alice.wait(lambda e, name=name: e.get('id') == name)
            listed = self.json('room', 'list')['rooms']
            self.assertEqual([r['room'].split('@')[0] for r in listed],
                             ['attic', 'balcony', 'cellar'])
            self.assertTrue(all(r['in_memory'] and r['occupants'] == 1 for r in listed))
            page = self.json('room', 'list', '--max', '2')
            self.assertEqual(page['next_after'], 'balcony@chat.localhost')
            rest = self.json('room', 'list', '--max', '2', '--after', page['next_after'])
            self.assertEqual([r['room'] for r in rest['rooms']], ['cellar@chat.localhost'])
            self.assertNotIn('next_after', rest)
            self.assertEqual(self.json('room', 'list', '--service', 'other.localhost')['rooms'], [])
            shown = self.json('room', 'show', 'balcony@chat.localhost')
            self.assertEqual(shown['occupants'][0]['nick'], 'Alice')
            self.assertEqual(shown['occupants'][0]['role'], 'moderator')
            self.assertEqual(shown['affiliations'][0],
                             {'jid': 'alice@localhost', 'affiliation': 'owner',
                              'reserved_nick': ''})
            self.expect(server.command('room', 'show', 'none@chat.localhost'), REFUSED, 'no room')
            self.expect(server.command('room', 'show', 'chat.localhost'), USAGE, 'room@service')
            self.expect(server.command('room', 'list', '--max', '0'), USAGE, '1 to 10000')
        server.stop()
        shown = self.json('room', 'show', 'balcony@chat.localhost')
        self.assertEqual(shown['occupants'], [])
        self.assertEqual(shown['affiliation_count'], 1)
        self.assertNotIn('in_memory', shown)
        self.assertEqual(len(self.json('room', 'list')['rooms']), 3)


class Databases(CommandCase):

    @stopped_and_running
    def test_state_of_the_databases(self):
        self.server.import_users({'alice': 'secret-1'})
        shown = json.loads(self.expect(self.server.command('db', 'status', '--json'), DONE).stdout)
        content, archive = shown['databases']
        self.assertEqual((content['database'], archive['database']), ('content', 'archive'))
        self.assertEqual(content['schema'], content['schema_known'])
        self.assertGreater(content['bytes'], 0)
        running = self.server.alive()
        # PostgreSQL knows a machine, which may be another one, and not a process.
        owner = ('a Hansard at 127.0.0.1 since' if self.server.storage.name == 'postgresql' else
                 'process %d' % self.server.process.pid if running else '')
        for database in (content, archive):
            self.assertRegex(database['owner'], '^' + owner if running else '^nobody$')
        self.expect(self.server.command('db', 'migrate'), REFUSED if running else DONE,
                    'stop it first' if running else 'already')


if __name__ == '__main__':
    unittest.main()
