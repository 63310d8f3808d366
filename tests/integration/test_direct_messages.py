# SPDX-License-Identifier: Apache-2.0
"""Messages between accounts: on record, and in the archive, before their addressee sees them."""

import json
import unittest

import checker
import harness
import raw
from harness import Server, until

STORAGES = ('sqlite', 'postgresql')

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
ALICE, BOB = 'alice@localhost', 'bob@localhost'
DIRECT = 110


def body_of(element):
    return element.findtext(raw.q(raw.CLIENT, 'body'))


def is_message(element, kind=None):
    return element.tag == raw.q(raw.CLIENT, 'message') and (kind or 'chat') == element.get('type')


class DirectMessages(unittest.TestCase):

    def start(self, config=None):
        limits = {'limits': harness.UNLIMITED_RATES}
        self.server = Server(harness.merged(limits, config or {}), USERS)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.alice = self.login('alice')
        self.bob = self.login('bob')

    def login(self, name):
        client = self.server.login(name)
        self.addCleanup(client.close)
        client.send('<presence/>')
        client.ping()
        return client

    def say(self, client, to, body):
        client.send("<message type='chat' id='%s' to='%s'><body>%s</body></message>" %
                    (body.replace(' ', '-'), to, body))

    def hear(self, client, body, kind=None):
        return client.wait(lambda e: is_message(e, kind) and body_of(e) == body, what=body)

    def backlog(self):
        return json.loads(self.server.command('status', '--json').stdout)['archive_backlog']

    def archived(self):
        records, heads = checker.read_archive(self.server.storage)
        self.assertEqual(self.server.archive_findings(), [])
        self.assertEqual(checker.chain_problems(records, heads), [])
        return [{part.kind: part.data.decode() for part in r.parts}
                for r in records if r.t == DIRECT]

    def test_what_was_said_is_in_the_archive(self):
        self.start()
        self.say(self.alice, BOB, 'shall we')
        heard = self.hear(self.bob, 'shall we')
        self.assertEqual(heard.get('from'), self.alice.jid)
        self.say(self.bob, heard.get('from'), 'at nine')
        self.hear(self.alice, 'at nine')
        self.bob.send("<message type='chat' to='%s'><composing "
                      "xmlns='http://jabber.org/protocol/chatstates'/></message>" % ALICE)
        self.alice.wait(lambda e: is_message(e) and body_of(e) is None, what='a chat state')
        self.bob.end()
        self.alice.end()
        self.server.stop()
        said = self.archived()
        self.assertEqual([(one['full_jid'], one['to'], one['body']) for one in said],
                         [(self.alice.jid, BOB, 'shall we'), (self.bob.jid, self.alice.jid, 'at nine')])
        self.assertIn('<body>shall we</body>', said[0]['stanza'])

    def test_nothing_is_shown_without_a_record(self):
        self.start()
        sent = []
        with self.server.storage.held('content'):
            while not self.refused():
                sent.append('during %d' % len(sent))
                self.say(self.alice, BOB, sent[-1])
                self.alice.ping()
            self.assertEqual({raw.error_of(e) for e in self.refused().values()},
                             {('wait', 'resource-constraint')})
            self.bob.ping()
            self.assertEqual(self.heard(), [], 'shown without a record')
        while not sent[-1].startswith('after') or sent[-1] not in self.heard():
            sent.append('after %d' % len(sent))  # the door opens when the next commit is through
            self.say(self.alice, BOB, sent[-1])
            until(lambda: len(self.heard()) + len(self.refused()) == len(sent), what='an end of all')
        heard = self.heard()
        self.assertGreater(len(heard), 1, 'nothing was under way in the outage')
        self.assertEqual(heard, [body for body in sent if body not in self.refused()])
        self.bob.end()
        self.alice.end()
        self.server.stop()
        self.assertEqual([one['body'] for one in self.archived()], heard)

    def heard(self):
        self.bob.drain()
        return [body_of(e) for e in self.bob.reader.elements if is_message(e)]

    def refused(self):
        self.alice.drain()
        return {e.get('id').replace('-', ' '): e for e in self.alice.reader.elements
                if is_message(e, 'error')}

    def test_nobody_there(self):
        """BI-STZ-17: an account that is away looks like one that does not exist; neither is
        recorded."""
        self.start()
        self.bob.end()
        errors = []
        for to in (BOB, 'nobody@localhost'):
            self.say(self.alice, to, 'anybody there')
            refused = self.alice.wait(lambda e: is_message(e, 'error') and e.get('from') == to,
                                      what='a refusal')
            errors.append(raw.error_of(refused))
        self.assertEqual(errors, [('cancel', 'service-unavailable')] * 2)
        self.alice.end()
        self.server.stop()
        self.assertEqual(self.archived(), [])

    def test_switched_off(self):
        self.start({'archive': {'direct_messages': 'off'}})
        self.say(self.alice, BOB, 'between us')
        self.hear(self.bob, 'between us')
        self.bob.end()
        self.alice.end()
        self.server.stop()
        self.assertEqual(self.archived(), [])

    def test_the_archive_catches_up_and_status_counts(self):
        self.start()
        for number in range(20):
            self.say(self.alice, BOB, 'm%d' % number)
        for number in range(20):
            self.hear(self.bob, 'm%d' % number)
        until(lambda: self.backlog() == 0, what='an archive that is up to date')
        self.assertEqual([one['body'] for one in self.archived()], ['m%d' % n for n in range(20)])


if __name__ == '__main__':
    unittest.main()
