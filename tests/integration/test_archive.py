# SPDX-License-Identifier: Apache-2.0
"""One's own archive of messages between accounts (XEP-0313, XEP-0441): two accounts, several devices,
one of them slixmpp's."""

import os
import unittest

import checker
import clients
import harness
import raw
from harness import Server, until

STORAGES = ('sqlite', 'postgresql')
USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
ALICE, BOB = 'alice@localhost', 'bob@localhost'
MAM = 'urn:xmpp:mam:2'
RSM = 'http://jabber.org/protocol/rsm'
SID = raw.q('urn:xmpp:sid:0', 'stanza-id')


def body_of(element):
    return element.findtext(raw.q(raw.CLIENT, 'body'))


def is_message(element):
    return element.tag == raw.q(raw.CLIENT, 'message') and body_of(element) is not None


def form(**fields):
    xml = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>%s</value></field>" % MAM
    for var, value in fields.items():
        xml += "<field var='%s'><value>%s</value></field>" % (var.replace('_', '-'), value)
    return xml + '</x>'


def page(**parts):
    return "<set xmlns='http://jabber.org/protocol/rsm'>%s</set>" % ''.join(
        '<%s>%s</%s>' % (name, value, name) for name, value in parts.items())


def prefs(default, always='', never=''):
    return "<prefs xmlns='%s' default='%s'><always>%s</always><never>%s</never></prefs>" % (
        MAM, default, always, never)


class Archive(unittest.TestCase):
    config = {}

    def setUp(self):
        self.server = Server(harness.merged({'limits': harness.UNLIMITED_RATES}, self.config), USERS)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.alice = self.login('alice')
        self.bob = self.login('bob')

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.tail())
        self.server.check_reports()
        self.server.stop()

    def login(self, name):
        client = self.server.login(name)
        self.addCleanup(client.close)
        client.send('<presence/>')
        client.ping()
        return client

    def say(self, client, to, body, more=''):
        client.send("<message type='chat' to='%s'><body>%s</body>%s</message>" % (to, body, more))
        hearer = self.bob if to.startswith(BOB) else self.alice
        return hearer.wait(lambda e: is_message(e) and body_of(e) == body, what=body)

    def query(self, client, content='', to=None):
        """The ids and bodies of the answer in their order, its <fin/>, and its error."""
        number = getattr(self, 'queries', 0) + 1
        self.queries = number
        client.send("<iq type='set' id='mam-%d'%s><query xmlns='%s' queryid='q%d'>%s</query></iq>" % (
            number, '' if to is None else " to='%s'" % to, MAM, number, content))
        end = client.wait(lambda e: e.get('id') == 'mam-%d' % number, what='the end of the query')
        found = []
        for element in client.reader.elements:
            result = element.find(raw.q(MAM, 'result'))
            if result is not None and result.get('queryid') == 'q%d' % number:
                said = result.find('.//' + raw.q(raw.CLIENT, 'message'))
                found.append((result.get('id'), body_of(said)))
        return found, end.find(raw.q(MAM, 'fin')), raw.error_of(end)

    def bodies(self, client, content=''):
        found, _, error = self.query(client, content)
        self.assertIsNone(error)
        return [body for _, body in found]

    def slixmpp(self, name):
        client = clients.Slixmpp(name + '@localhost', USERS[name], self.server.port,
                                 os.path.join(self.server.data, 'tls', 'fullchain.pem'),
                                 program='slixmpp_archive.py')
        self.addCleanup(client.close)
        client.wait('session')
        return client

    def test_devices_find_what_was_said_before_they_came(self):
        for i in range(5):
            self.say(self.alice, BOB, 'to bob %d' % i)
            self.say(self.bob, ALICE, 'to alice %d' % i)
        said = [what for i in range(5) for what in ('to bob %d' % i, 'to alice %d' % i)]
        for name in USERS:
            device = self.slixmpp(name)
            for size in ('3', '10', '50'):
                device.do('archive', size)
                got = device.wait('archive')
                self.assertIsNone(got['error'])
                self.assertEqual([m['body'] for m in got['messages']], said)
                for message in got['messages']:
                    self.assertEqual(message['known'], [message['id']])
            device.do('archive', '2', ALICE if name == 'bob' else BOB)
            self.assertEqual(len(device.wait('archive')['messages']), 10)
            device.do('archive', '2', 'nobody@localhost')
            self.assertEqual(device.wait('archive')['messages'], [])
            device.quit()
        # The same after a crash.
        self.server.kill9()
        self.server.start()
        self.assertEqual(self.bodies(self.login('alice')), said)

    def test_who_hears_a_message_knows_its_id_and_no_forged_one(self):
        forged = "".join("<stanza-id xmlns='urn:xmpp:sid:0' by='%s' id='forged'/>" % by
                         for by in (BOB, ALICE, 'localhost'))
        heard = self.say(self.alice, BOB, 'hello', forged)
        self.assertEqual([e.get('by') for e in heard.iter(SID)], [BOB])
        known = heard.find(SID).get('id')
        found, fin, _ = self.query(self.bob)
        self.assertEqual(found, [(known, 'hello')])
        self.assertEqual(fin.get('complete'), 'true')
        # From there on there is nothing, and then what comes.
        self.assertEqual(self.bodies(self.bob, form(after_id=known)), [])
        later = self.say(self.alice, BOB, 'later')
        self.assertEqual(self.bodies(self.bob, form(after_id=known)), ['later'])
        self.assertEqual(self.bodies(self.bob, form(ids=known)), ['hello'])
        self.assertEqual(self.bodies(self.bob, form(before_id=later.find(SID).get('id'))), ['hello'])
        # An id of somebody else's archive is none.
        for content in (form(after_id=known), form(ids=known), page(after=known),
                        page(before=known), form(before_id='x')):
            self.assertEqual(self.query(self.alice, content)[2], ('cancel', 'item-not-found'))

    def test_pages_and_metadata(self):
        for i in range(6):
            self.say(self.alice, BOB, str(i))
        found, fin, _ = self.query(self.bob, page(max=4, before=''))
        self.assertEqual([body for _, body in found], ['2', '3', '4', '5'])
        self.assertEqual(fin.get('complete'), 'false')
        first = fin.find('.//' + raw.q('http://jabber.org/protocol/rsm', 'first')).text
        self.assertEqual(first, found[0][0])
        found, fin, _ = self.query(self.bob, "<flip-page xmlns='%s'/>" % MAM + page(max=4, before=first))
        self.assertEqual([body for _, body in found], ['1', '0'])
        self.assertEqual(fin.get('complete'), 'true')
        self.assertEqual(self.bodies(self.bob, form(end='2000-01-01T00:00:00Z')), [])
        self.assertEqual(len(self.bodies(self.bob, form(start='2000-01-01T00:00:00Z'))), 6)
        metadata = self.bob.request("<metadata xmlns='%s'/>" % MAM, type='get')
        start = metadata.find('.//' + raw.q(MAM, 'start'))
        self.assertEqual(start.get('id'), found[-1][0])
        fields = self.bob.request("<query xmlns='%s'/>" % MAM, type='get')
        self.assertEqual({f.get('var') for f in fields.iter(raw.q('jabber:x:data', 'field'))},
                         {'FORM_TYPE', 'with', 'start', 'end', 'before-id', 'after-id', 'ids'})
        self.assertEqual(self.query(self.bob, form(start='yesterday'))[2], ('modify', 'bad-request'))

    def test_ids_are_paged_and_combined_like_all_else(self):
        for i in range(6):
            self.say(self.alice, BOB, 'm%d' % i)
        said, _, _ = self.query(self.bob)
        wanted = [id for id, _ in said[1:]]

        def ids(more='', size=2, **parts):
            values = ''.join('<value>%s</value>' % id for id in wanted)
            fields = form(**parts)[:-len('</x>')] + "<field var='ids'>%s</field></x>" % values
            found, fin, error = self.query(self.bob, fields + page(max=size) + more)
            self.assertIsNone(error)
            return [body for _, body in found], fin

        # A client that goes on behind the last one it got comes to the end.
        got, after = [], {}
        for _ in range(3):
            bodies, fin = ids(**after)
            got += bodies
            after = {'after_id': fin.findtext('.//' + raw.q(RSM, 'last'))}
        self.assertEqual(got, ['m1', 'm2', 'm3', 'm4', 'm5'])
        self.assertEqual(fin.get('complete'), 'true')
        self.assertEqual(ids(size=9, **{'with': 'alice@localhost'})[0], got)
        self.assertEqual(ids(size=9, **{'with': 'nobody@localhost'})[0], [])
        bodies, fin = ids(size=0)
        self.assertEqual((bodies, fin.findtext('.//' + raw.q(RSM, 'count'))), ([], '5'))
        _, fin, _ = self.query(self.bob, page(max=0))
        self.assertEqual(fin.findtext('.//' + raw.q(RSM, 'count')), '6')
        self.assertEqual(self.bodies(self.bob, page(max=2, after='')), ['m0', 'm1'])

    def test_the_rule_of_the_configuration_reaches_it(self):
        for i in range(6):
            self.say(self.alice, BOB, str(i))
        said, _, _ = self.query(self.bob)
        self.server.config = harness.merged(self.server.config, {'history': {'keep_messages': 3}})
        self.server.write_config()
        done = self.server.command('reload')
        self.assertEqual(done.returncode, 0, done.stderr)

        def start():
            metadata = self.bob.request("<metadata xmlns='%s'/>" % MAM, type='get')
            return metadata.find('.//' + raw.q(MAM, 'start')).get('id')
        until(lambda: start() == said[3][0], what='a new start')
        self.assertEqual(self.query(self.bob)[0], said[3:])
        self.assertEqual(self.bodies(self.bob, page(max=2, before='')), ['4', '5'])
        self.assertEqual(self.bodies(self.bob, page(max=9, after=said[3][0])), ['4', '5'])
        # Whoever asks from what is gone learns it (XEP-0059 2.2), and begins anew.
        self.assertEqual(self.query(self.bob, page(after=said[2][0]))[2], ('cancel', 'item-not-found'))
        until(lambda: self.bodies(self.alice) == ['3', '4', '5'], what="the sender's own archive")
        self.server.stop()
        records, heads = checker.read_archive(self.server.storage)
        self.assertEqual(checker.chain_problems(records, heads), [])
        self.assertEqual(len([r for r in records if r.t == 110]), 6)
        self.server.start()  # what follows asks it

    def test_nobody_reads_the_archive_of_another(self):
        self.say(self.alice, BOB, 'ours')
        for other in (BOB, 'nobody@localhost'):
            found, _, error = self.query(self.alice, to=other)
            self.assertEqual((found, error), ([], ('auth', 'forbidden')))
            for content, kind in (("<metadata xmlns='%s'/>" % MAM, 'get'),
                                  ("<prefs xmlns='%s'/>" % MAM, 'get'), (prefs('never'), 'set')):
                answer = self.alice.request(content, to=other, type=kind)
                self.assertEqual(raw.error_of(answer), ('auth', 'forbidden'))

    def test_preferences_hold_from_then_on_and_after_a_restart(self):
        self.say(self.alice, BOB, 'before')
        answer = self.bob.request(prefs('always', never='<jid>%s</jid>' % ALICE), type='set')
        self.assertEqual(answer.find(raw.q(MAM, 'prefs')).get('default'), 'always')
        unkept = self.say(self.alice, BOB, 'not for bob')
        self.assertIsNone(unkept.find(SID))
        self.server.kill9()
        self.server.start()
        self.alice, self.bob = self.login('alice'), self.login('bob')
        self.say(self.alice, BOB, 'nor this')
        self.assertEqual(self.bodies(self.bob), ['before'])
        self.assertEqual(self.bodies(self.alice), ['before', 'not for bob', 'nor this'])
        self.bob.request(prefs('roster'), type='set')
        self.say(self.alice, BOB, 'a stranger')
        self.bob.request("<query xmlns='jabber:iq:roster'><item jid='%s'/></query>" % ALICE,
                         type='set')
        self.say(self.alice, BOB, 'a friend')
        self.say(self.alice, BOB, 'off the record', "<no-store xmlns='urn:xmpp:hints'/>")
        self.assertEqual(self.bodies(self.bob), ['before', 'a friend'])

    def test_it_is_announced_and_goes_with_the_account(self):
        info = self.bob.request("<query xmlns='http://jabber.org/protocol/disco#info'/>", to=BOB,
                                type='get')
        features = {e.get('var') for e in info.iter() if e.tag.endswith('}feature')}
        self.assertLessEqual({MAM, MAM + '#extended', 'urn:xmpp:sid:0'}, features)
        self.say(self.alice, BOB, 'gone')
        self.bob.request(prefs('never'), type='set')
        self.assertEqual(self.server.command('user', 'remove', BOB).returncode, 0)
        self.server.command('user', 'add', BOB, '--password', USERS['bob'])
        self.bob = self.login('bob')
        self.assertEqual(self.bodies(self.bob), [])
        self.say(self.alice, BOB, 'anew')
        self.assertEqual(self.bodies(self.bob), ['anew'])


class ArchiveOff(unittest.TestCase):
    def test_without_a_record_of_messages_there_is_none(self):
        server = Server({'archive': {'direct_messages': 'off'}}, USERS)
        self.addCleanup(server.remove)
        server.start()
        client = server.login('bob')
        self.addCleanup(client.close)
        answer = client.request("<query xmlns='%s'/>" % MAM)
        self.assertEqual(raw.error_of(answer), ('cancel', 'service-unavailable'))
        server.stop()
