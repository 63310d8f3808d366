# SPDX-License-Identifier: Apache-2.0
"""A server whose databases are in a PostgreSQL of the test's own, behind a proxy: what the outages of
both have in common."""

import contextlib
import time
import unittest

import harness
import raw
from database_proxy import Proxy
from harness import until
from outage_case import QUIET_ROOM, ROOM, OutageCase
from storage import CONTENT, Postgres, postgres

# The promise is 2 s. A sanitized program is given more, for its own slowness.
RESUMES_WITHIN = 2.0
SLOWNESS = 3 if harness.PROGRAM and harness.is_sanitized() else 1


class PostgresCase(OutageCase):
    """One durable cluster for a class; databases and a proxy for each test."""

    settings = {}
    cluster = None

    @classmethod
    def setUpClass(cls):
        try:
            cls.cluster = postgres.Cluster(durable=True, settings=cls.settings)
        except postgres.Unavailable as why:
            raise unittest.SkipTest(str(why)) from None
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.create()

    def setUp(self):
        if self.cluster.process is None:
            self.cluster.start()
        self.proxy = Proxy(lambda: self.cluster.port)
        self.addCleanup(self.proxy.close)

    def admin(self):
        return self.cluster.url('postgres', postgres.SUPERUSER)

    def make_storage(self, **options):
        return Postgres(self.admin(), hosts='127.0.0.1:%d' % self.proxy.port, keep=True, **options)

    def start(self, config=None, storage=None):
        super().start(config, storage or self.make_storage())

    def database(self, which=CONTENT):
        return self.server.storage.databases[which]

    # ---- the course of an outage

    def outage(self, begin, end, known_within=2.0, resumes_within=RESUMES_WITHIN):
        """Messages are under way when `begin()` takes the database away; `end()` brings it back."""
        self.start()
        second = self.server.login('bob', resource='second')
        self.addCleanup(second.close)
        said = ['under way %d' % n for n in range(20)]
        for body in said:
            self.alice.say(body)
        begin()
        began = time.monotonic()
        self.say_until_refused(self.alice)
        self.assertLess(time.monotonic() - began, known_within * SLOWNESS, 'the door stood open')
        shown = list(self.alice.visit.live)
        self.while_away(second)
        self.assertEqual(self.alice.visit.live, shown, 'shown without a record')
        with self.resumption(end, resumes_within):
            last = self.alice.goes_on('after')
        for body in self.alice.sent:
            until(lambda: self.alice.answered(body), what='an answer to %r' % body)
        # Bob is still inside: he did nothing to hear this.
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertEqual(self.alice.visit.live, self.bob.visit.live)
        second.end()
        self.finish()

    def say_until_refused(self, person):
        """A message at a time, each waited for a little, until the door is shut."""
        deadline = time.monotonic() + 60
        while not person.errors:
            self.assertLess(time.monotonic(), deadline, 'nothing is refused')
            person.say('during %d' % len(person.sent))
            person.client._receive(0.05)
            person.look()
        self.assertEqual(set(person.errors.values()), {('wait', 'resource-constraint')})

    def while_away(self, second):
        """What needs a record is refused at once; what needs none goes on, with the same people."""
        self.alice.client.ping(ROOM + '/alice', timeout=2 * SLOWNESS)
        self.bob.say('and bob')
        until(lambda: self.bob.answered('and bob'), 2 * SLOWNESS, 'the refusal of bob')
        self.assertEqual(self.bob.errors.get('and bob'), ('wait', 'resource-constraint'))
        own, _, _ = second.join(ROOM, 'bob', timeout=2 * SLOWNESS)
        self.assertEqual(raw.error_of(own), ('wait', 'resource-constraint'))
        me = QUIET_ROOM + '/bob'
        self.bob.client.send("<presence to='%s'><show>away</show></presence>" % me)
        self.alice.client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                               e.get('from') == me and
                               e.findtext(raw.q(raw.CLIENT, 'show')) == 'away',
                               what='presence of bob')
        for person in (self.alice, self.bob):
            person.look()

    @contextlib.contextmanager
    def resumption(self, end, within=RESUMES_WITHIN):
        """end() returns when the database is back; what the block waits for must come soon."""
        end()
        back = time.monotonic()
        yield
        took = time.monotonic() - back
        print('%s: resumed after %.2f s' % (self.id().rsplit('.', 1)[-1], took), flush=True)
        self.assertLess(took, within * SLOWNESS, 'resumed too late')
