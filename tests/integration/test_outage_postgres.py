# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL is stopped, killed, frozen, slow, full, read-only or takes no connections (BI-DB-06 to
BI-DB-08): rooms stay, nothing is shown that is not on record, the door is shut at once, and it opens by
itself within 2 s."""

import os
import signal
import threading
import unittest

import raw
from harness import Server, until
from outage_case import ROOM, USERS
from postgres_case import SLOWNESS, PostgresCase
from storage import ARCHIVE, CONTENT, postgres
from volume import fill, small_volume


class Outages(PostgresCase):

    def test_stopped(self):
        self.outage(self.cluster.stop, self.cluster.start)

    def test_killed(self):
        self.outage(self.cluster.kill, self.cluster.start)

    def test_frozen(self):
        self.addCleanup(self.cluster.thaw)
        self.outage(self.cluster.freeze, self.cluster.thaw, known_within=5)

    def test_connections_are_cut_and_refused(self):
        self.outage(self.proxy.refuse, self.proxy.accept)

    def test_the_network_swallows_everything(self):
        self.outage(self.proxy.silence, self.proxy.speak, known_within=5)

    def test_read_only(self):
        self.addCleanup(self.cluster.setting, 'default_transaction_read_only', 'off')
        self.outage(lambda: self.cluster.setting('default_transaction_read_only', 'on'),
                    lambda: self.cluster.setting('default_transaction_read_only', 'off'))

    def test_no_connection_is_free(self):
        def limit(connections):
            self.cluster.sql('ALTER ROLE %s CONNECTION LIMIT %d' % (postgres.ROLE, connections))
        self.addCleanup(limit, -1)

        def begin():
            limit(0)
            self.end_backends("usename = '%s'" % postgres.ROLE)
        self.outage(begin, lambda: limit(-1))

    def test_a_lock_that_somebody_forgot(self):
        self.start()
        with self.held(CONTENT):
            self.say_until_refused(self.alice)
            self.alice.look()
            self.assertEqual(self.alice.live(), ['before'], 'shown without a record')
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.finish()

    def test_reads_that_hang_hold_up_nobody_else(self):
        """BI-DB-08: more of them than there are connections for reading."""
        self.start()
        asked = ['hangs-%d' % n for n in range(40)]
        with self.server.storage.locked(CONTENT, 'private_xml', 'ACCESS EXCLUSIVE'):
            for each in asked:
                self.alice.client.send("<iq type='get' id='%s'><query xmlns='jabber:iq:private'>"
                                       "<a xmlns='b'/></query></iq>" % each)
            for number in range(20):
                body = 'meanwhile %d' % number
                self.bob.say(body)
                until(lambda: self.bob.shown(body), 2 * SLOWNESS, 'what bob said meanwhile')
            self.bob.client.ping(ROOM + '/bob', timeout=2 * SLOWNESS)
        for each in asked:
            answer = self.alice.client.wait(lambda e: e.get('id') == each, 60, 'an answer')
            if answer.get('type') == 'error':
                self.assertEqual(raw.error_of(answer)[0], 'wait', raw.to_text(answer))
        self.alice.goes_on('after')
        self.finish()

    def test_slow(self):
        """Half a second more for each round trip: later, but whole, and in order."""
        self.start()
        self.proxy.delay = 0.5
        for number in range(30):
            self.alice.say('slow %d' % number)
        for body in self.alice.sent:
            until(lambda: self.alice.answered(body), 60, 'an answer to %r' % body)
        self.proxy.delay = 0.0
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.finish()

    def test_a_storm_of_short_outages(self):
        self.start()
        for number in range(10):
            for each in range(10):
                self.alice.say('storm %d.%d' % (number, each))
            self.proxy.cut()
            self.alice.goes_on('between %d' % number)
        last = self.alice.goes_on('after')
        for body in self.alice.sent:
            until(lambda: self.alice.answered(body), what='an answer to %r' % body)
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertLess(len(self.proxy.connections()), 40, 'connections are left open')
        self.finish()

    def test_a_stop_while_it_is_frozen_is_bounded(self):
        self.start()
        self.addCleanup(self.cluster.thaw)
        self.cluster.freeze()
        self.alice.say('never shown')
        self.alice.client.ping()
        self.server.process.send_signal(signal.SIGTERM)
        code = self.server.process.wait(60)
        self.server._finish()
        self.server.check_reports()
        self.assertEqual(code, 1, self.server.tail())
        for person in (self.alice, self.bob):
            person.look()
            self.assertEqual(person.live(), ['before'], 'shown without a record')
        self.cluster.thaw()
        self.server.start()
        again = self.person('alice')
        again.enter()
        again.goes_on('the next day')
        # On its way to the database when the server ended; whether it got there is nobody's promise.
        if 'never shown' not in [message.body for message in again.visit.past]:
            self.alice.errors['never shown'] = None
        again.leave()
        until(lambda: any('rooms swept' in line for line in self.server.lines),
              what='the leaves that the stop could not record')
        self.server.stop()
        again.sent = self.alice.sent + again.sent
        again.errors.update(self.alice.errors)
        again.visits = self.alice.visits + again.visits
        self.judge((again, self.bob))

    # ---- the archive alone

    def test_the_archive_is_away(self):
        self.start()
        until(lambda: self.status()['archive_backlog'] == 0, what='an archive that is up to date')
        archive = self.database(ARCHIVE)
        self.cluster.sql('ALTER DATABASE %s WITH ALLOW_CONNECTIONS false' % archive)
        self.end_backends("datname = '%s'" % archive)
        for number in range(50):
            self.alice.say('during %d' % number)
        for person in (self.alice, self.bob):
            until(lambda: person.shown('during 49'), what='the last message of the outage')
        self.assertEqual(self.alice.errors, {})
        until(lambda: self.status()['archive_backlog'] >= 50, what='a backlog')
        self.assertIn('cannot be written', self.status()['archive'])

        def end():
            self.cluster.sql('ALTER DATABASE %s WITH ALLOW_CONNECTIONS true' % archive)
        with self.resumption(end):
            until(lambda: self.status()['archive_backlog'] == 0, what='that the archive catches up')
        self.finish()

    def end_backends(self, which):
        self.cluster.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ' + which)

    # ---- the doors of a login

    def test_a_login_meanwhile_is_told_to_come_again(self):
        self.start()
        self.proxy.refuse()
        client = self.server.tls()
        self.addCleanup(client.close)
        client.open_stream()
        answer = client.auth_plain('alice', USERS['alice'])
        self.assertEqual(raw.sasl_condition(answer), 'temporary-auth-failure', raw.to_text(answer))
        self.proxy.accept()
        self.alice.goes_on('after')
        again = self.server.login('alice', resource='again')
        again.end()
        self.finish()


class FullDisk(PostgresCase):
    """The databases lie on a small volume that is filled; BI-DB-07."""

    def setUp(self):
        super().setUp()
        self.volume = small_volume(self, '48m')
        self.addCleanup(lambda: self.cluster.sql('DROP TABLESPACE IF EXISTS small'))
        self.space = os.path.join(self.volume, 'space')
        os.mkdir(self.space, 0o700)
        self.cluster.give(self.space)
        self.cluster.sql("CREATE TABLESPACE small LOCATION '%s'" % self.space)

    def make_storage(self, **options):
        storage = super().make_storage(more='TABLESPACE small', **options)
        self.addCleanup(storage.drop)
        return storage

    def test_full(self):
        # Pages that are there already are filled first.
        self.outage(lambda: fill(self.volume),
                    lambda: os.remove(os.path.join(self.volume, 'filler')), known_within=30)
        self.assertIn('No space left on device', self.cluster.log())


class Starts(PostgresCase):
    """What is found at the start."""

    def make(self, storage):
        server = Server({}, None, storage=storage)
        self.addCleanup(server.remove)
        return server

    def refused(self, server, *words):
        with self.assertRaisesRegex(AssertionError, r'ended with 1:') as refusal:
            server.start()
        for word in words:
            self.assertIn(word, str(refusal.exception))
        self.assertNotIn('terminate called', str(refusal.exception))
        server.process.wait()
        server.process = None

    def test_the_database_is_away(self):
        server = self.make(self.make_storage())
        self.proxy.refuse()
        self.refused(server, 'content', str(self.proxy.port))
        done = server.command('check')
        self.assertEqual(done.returncode, 1)
        self.assertIn('content database', done.stdout + done.stderr)
        self.proxy.accept()
        server.start()
        done = server.command('check')
        self.assertIn('postgresql://', done.stdout)
        server.stop()

    def test_encoding_must_be_utf8_bi_db_11(self):
        for encoding in ('LATIN1', 'SQL_ASCII'):
            storage = self.make_storage(
                more="TEMPLATE template0 ENCODING '%s' LOCALE_PROVIDER libc LOCALE 'C'" % encoding)
            self.refused(self.make(storage), 'UTF8')

    def test_a_collation_of_bytes_is_as_good_bi_db_11(self):
        self.start(storage=self.make_storage(
            more="TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C.UTF-8'"))
        self.finish()

    def test_one_server_for_each_database(self):
        """The same databases, other data directories."""
        first = self.make(self.make_storage())
        first.start()
        twin = Server({'database': first.storage.config['database']}, None,
                      storage=_Borrowed(first.storage))
        self.addCleanup(twin.remove)
        self.refused(twin, 'in use')
        first.kill9()
        twin.start()  # free as soon as its holder is gone
        twin.stop()

    def test_two_that_come_to_new_databases_at_the_same_moment(self):
        storage = self.make_storage()
        first = self.make(storage)
        second = Server({'database': storage.config['database']}, None, storage=_Borrowed(storage))
        self.addCleanup(second.remove)
        refusals = {}

        def start(server):
            try:
                server.start()
            except AssertionError as refusal:
                refusals[server] = str(refusal)
        threads = [threading.Thread(target=start, args=(server,)) for server in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(refusals), 1, refusals)
        (loser, said), = refusals.items()
        self.assertRegex(said, r'ended with 1:[^$]* is in use by ')
        loser.process.wait()
        loser.process = None
        (first if loser is second else second).stop()
        loser.start()
        loser.stop()

    def test_a_password(self):
        self.cluster.sql("CREATE ROLE with_password LOGIN PASSWORD 'it''s/a:secret'")
        storage = self.make_storage()
        for which, database in storage.databases.items():
            self.cluster.sql('GRANT CREATE, USAGE ON SCHEMA public TO with_password', database)
            storage.config['database'][which] = storage.config['database'][which].replace(
                postgres.ROLE + '@', 'with_password:it%27s%2Fa%3Asecret@')
        server = self.make(storage)
        server.start()
        server.stop()
        everything = '\n'.join(server.lines) + server.command('check').stdout
        self.assertNotIn('secret', everything)
        self.assertNotIn('%2Fa', everything)


class _Borrowed:
    """The storage of another server, which removes it."""

    def __init__(self, owner):
        self.owner, self.config = owner, owner.config

    def __getattr__(self, name):
        return getattr(self.owner, name)

    def remove(self):
        pass


if __name__ == '__main__':
    unittest.main()
