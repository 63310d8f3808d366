# SPDX-License-Identifier: Apache-2.0
"""An archive in PostgreSQL that belongs to another role than the server's: `hansard archive roles`, and a
server that may only write (C21)."""

import unittest

from command_case import DONE, REFUSED, USAGE, CommandCase
from harness import Server, until
from storage import ARCHIVE, Postgres, postgres

ROOM = 'orchard@chat.localhost'


class ArchiveRoles(CommandCase):

    @classmethod
    def setUpClass(cls):
        try:
            cls.cluster = postgres.Cluster()
        except postgres.Unavailable as why:
            raise unittest.SkipTest(str(why)) from None
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.create()
        for role in ('archive_owner', 'archive_writer', 'archive_reader'):
            cls.cluster.sql('CREATE ROLE %s LOGIN' % role)

    def setUp(self):
        self.storage = Postgres(self.cluster.url('postgres', postgres.SUPERUSER), keep=True)
        self.name = self.storage.databases[ARCHIVE]
        self.cluster.sql('ALTER DATABASE %s OWNER TO archive_owner' % self.name)
        self.storage.config['database'][ARCHIVE] = self.url('archive_writer')
        self.server = Server(storage=self.storage)
        self.addCleanup(self.server.remove)

    def url(self, role):
        return self.cluster.url(self.name, role)

    def roles(self, *words):
        return self.server.command('archive', 'roles', *words)

    def test_a_server_that_may_only_write(self):
        check = self.server.command('check')
        self.expect(check, REFUSED, 'archive_writer may not make tables')
        self.expect(self.roles('--owner', self.url('archive_owner'), '--writer', 'archive_writer',
                               '--reader', 'archive_reader'), DONE, 'archive_writer adds events',
                    'archive_reader reads')
        self.server.import_users({'romeo': 'secret-1'})
        self.server.start()
        client = self.server.login('romeo')
        client.join(ROOM, 'romeo')
        client.say(ROOM, 'what light')
        until(lambda: self.storage.rows(ARCHIVE, "SELECT seq FROM part WHERE data = 'what light'"),
              what='the message in the archive')
        client.end()
        self.server.stop()
        self.assertEqual(self.storage.rows(
            ARCHIVE, "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'"
                     " AND tableowner <> 'archive_owner'"), [(0,)])
        seen = postgres.rows(self.url('archive_reader'), 'SELECT count(*) AS n FROM stay')
        self.assertEqual(seen, [(1,)])

    def test_what_is_typed(self):
        owner = self.url('archive_owner')
        self.expect(self.roles('--writer', 'archive_writer'), USAGE, '--owner')
        self.expect(self.roles('--owner', owner), USAGE, 'say which role')
        self.expect(self.roles('--owner', owner, '--reader', 'nobody'), REFUSED, 'no role nobody')
        self.expect(self.roles('--owner', 'sqlite:a.db', '--reader', 'x'), REFUSED,
                    'SQLite has no roles')
        self.expect(self.roles('--owner-file', '/nowhere', '--reader', 'x'), USAGE, '/nowhere')
        with open(self.server.folder + '/owner', 'w', encoding='utf-8') as file:
            file.write(owner.replace('archive_owner', 'archive_owner:hush') + '\n')
        done = self.roles('--owner-file', file.name, '--reader', 'archive_reader')
        self.expect(done, DONE, 'archive_reader reads')
        self.assertNotIn('hush', done.stdout + done.stderr)
        wrong = self.roles('--owner', 'postgresql://u:hush@127.0.0.1:1/d', '--reader', 'x')
        self.expect(wrong, REFUSED, 'gives no roles')
        self.assertNotIn('hush', wrong.stdout + wrong.stderr)


if __name__ == '__main__':
    unittest.main()
