# SPDX-License-Identifier: Apache-2.0
"""What the archive has of each kind of event (C02, C06): everything is done once on a real server, then
the leaves are read and every field asserted. The rooms' history is off: that switches nothing off here."""

import collections
import hashlib
import json
import unittest
import xml.etree.ElementTree as ET

import checker
import harness
import raw
from harness import Server, until
from managed import Managed

STORAGES = ('sqlite', 'postgresql')
USERS = {'romeo': 'romeos-secret-1', 'juliet': 'juliets-secret-2', 'tybalt': 'tybalts-secret-3'}
ROMEO, JULIET, TYBALT = ('%s@localhost' % name for name in ('romeo', 'juliet', 'tybalt'))
ROOM = 'balcony@chat.localhost'
ADMIN = 'http://jabber.org/protocol/muc#admin'
MAM = 'urn:xmpp:mam:2'
NASTY = 'a"b\\c \u00e9 \u6f22 \U0001f600 \u2028 <&>\' \t end'

Leaf = collections.namedtuple('Leaf', 't d a room rn parts')  # parts: {kind: text}


def read(storage):
    records, heads = checker.read_archive(storage)
    problems = checker.chain_problems(records, heads)
    if problems:
        raise AssertionError('\n'.join(problems))
    leaves = []
    for record in records:
        leaf = json.loads(record.leaf)
        parts = {part.kind: part.data.decode() for part in record.parts}
        leaves.append(Leaf(leaf['t'], leaf['d'], leaf.get('a', {}), leaf.get('room'), leaf.get('rn'),
                           parts))
    return leaves


def form(*fields):
    return "<x xmlns='jabber:x:data' type='submit'>%s</x>" % ''.join(
        "<field var='%s'><value>%s</value></field>" % field for field in fields)


class CaptureCase(unittest.TestCase):
    config = {}

    def setUp(self):
        self.server = Server(harness.merged({'limits': harness.UNLIMITED_RATES}, self.config), USERS)
        self.addCleanup(self.server.remove)
        self.server.start()

    def login(self, name):
        client = self.server.login(name, resource='here')
        self.addCleanup(client.close)
        return client

    def message(self, client, id, content, to=ROOM, type='groupchat'):
        client.send("<message to='%s' type='%s' id='%s'>%s</message>" % (to, type, id, content))

    def heard(self, client, id):
        """A message with this id, whatever becomes of it."""
        return client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'message') and e.get('id') == id,
                           what='message ' + id)

    def refused(self, client, id, condition):
        self.assertEqual(raw.error_of(self.heard(client, id))[1], condition)

    def owner(self, client, *fields):
        answer = client.request("<query xmlns='%s'>%s</query>" % (raw.MUC_OWNER, form(*fields)),
                                to=ROOM, type='set')
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))

    def admin(self, client, item, type='set'):
        return client.request("<query xmlns='%s'>%s</query>" % (ADMIN, item), to=ROOM, type=type)

    def stop_and_read(self):
        self.server.stop()
        self.server.check_reports()
        self.leaves = read(self.server.storage)

    def of(self, code):
        return [leaf for leaf in self.leaves if leaf.t == code]

    def one(self, code):
        found = self.of(code)
        self.assertEqual(len(found), 1, found)
        return found[0]


class Capture(CaptureCase):

    def test_each_kind_of_event_once(self):  # C02
        romeo, juliet, tybalt = (self.login(name) for name in USERS)
        for client in (romeo, juliet, tybalt):
            client.send('<presence/>')
            client.ping()
        romeo.join(ROOM, 'Romeo')
        self.owner(romeo, ('muc#roomconfig_enablelogging', '0'),
                   ('muc#roomconfig_moderatedroom', '1'))
        juliet.join(ROOM, 'Juliet')
        self.admin(romeo, "<item nick='Juliet' role='participant'/>")

        # Messages and all their versions.
        said = raw.escape(NASTY)
        self.message(juliet, 'm1', '<body>%s</body>' % said)
        stanza_id = self.heard(romeo, 'm1').find(raw.q(raw.STANZA_ID, 'stanza-id'))
        self.assertIsNone(stanza_id)  # it is in no archive that members can read
        self.message(juliet, 'm2', "<body>better</body>"
                     "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>")
        self.message(juliet, 'm3', "<reactions xmlns='urn:xmpp:reactions:0' id='m1'>"
                     "<reaction>\U0001f44b</reaction></reactions>")
        self.message(juliet, 'm4', '<body>psst</body>', ROOM + '/Romeo', 'chat')
        self.message(juliet, 'm5', "<body>pssst</body>"
                     "<replace xmlns='urn:xmpp:message-correct:0' id='m4'/>", ROOM + '/Romeo', 'chat')
        self.message(romeo, 'm6', '<subject>Fire!</subject>')
        for id in ('m2', 'm3', 'm4', 'm5', 'm6'):
            self.heard(romeo, id)
        juliet.send("<presence to='%s/Jule'/>" % ROOM)
        juliet.wait(lambda e: e.get('from') == ROOM + '/Jule', what='a new nick')
        juliet.send("<message to='%s'><body>between us</body></message>" % ROMEO)
        romeo.wait(lambda e: e.findtext(raw.q(raw.CLIENT, 'body')) == 'between us', what='a message')

        # Lists, invitations, voice.
        self.assertEqual(raw.error_of(self.admin(romeo, "<item affiliation='owner'/>", 'get')), None)
        romeo.request("<query xmlns='%s'/>" % raw.MUC_OWNER, to=ROOM)
        romeo.request("<query xmlns='http://jabber.org/protocol/disco#items'/>", to='chat.localhost')
        juliet.request("<query xmlns='jabber:iq:register'/>", to=ROOM)
        romeo.request("<query xmlns='%s'/>" % MAM, type='set')
        romeo.send("<message to='%s'><x xmlns='%s'><invite to='%s'><reason>Come</reason></invite></x>"
                   "</message>" % (ROOM, raw.MUC_USER, TYBALT))
        tybalt.wait(lambda e: e.find('.//' + raw.q(raw.MUC_USER, 'invite')) is not None,
                    what='an invitation')
        tybalt.send("<message to='%s'><x xmlns='%s'><decline to='%s'><reason>Fie</reason></decline>"
                    "</x></message>" % (ROOM, raw.MUC_USER, ROMEO))
        romeo.wait(lambda e: e.find('.//' + raw.q(raw.MUC_USER, 'decline')) is not None, what='no')
        self.admin(romeo, "<item nick='Jule' role='visitor'/>")
        request = ('FORM_TYPE', 'http://jabber.org/protocol/muc#request')
        self.message(juliet, 'v1', form(request, ('muc#role', 'participant')), type='normal')
        asked = romeo.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'message') and
                           e.find(raw.q('jabber:x:data', 'x')) is not None, what='a request')
        self.assertIn('juliet@localhost/here', raw.to_text(asked))
        self.message(romeo, 'v2', form(request, ('muc#role', 'participant'),
                                       ('muc#jid', JULIET + '/here'),
                                       ('muc#request_allow', '0')), type='normal')
        self.admin(romeo, "<item nick='Jule' role='none'><reason>Out</reason></item>")
        juliet.wait(lambda e: '307' in raw.status_codes(e), what='a kick')
        self.admin(romeo, "<item jid='%s' affiliation='outcast'><reason>Ban</reason></item>" % TYBALT)
        own, _, _ = tybalt.join(ROOM, 'Tybalt')
        self.assertEqual(raw.error_of(own)[1], 'forbidden')

        # Sessions.
        stranger = raw.Raw(self.server.tls_port, tls=True)
        self.addCleanup(stranger.close)
        stranger.open_stream()
        stranger.auth_plain('romeo', 'wrong')
        stranger.end()
        tybalt.end()
        self.stop_and_read()
        self.judge()

    def judge(self):
        posted = self.of(101)
        self.assertEqual([(leaf.d['kind'], leaf.d['keep'], leaf.parts['body']) for leaf in posted],
                         [('groupchat', False, NASTY), ('private', False, 'psst')])
        self.assertIn('stanza_id', posted[0].d)
        self.assertEqual(posted[0].parts['origin_id'], 'm1')
        self.assertEqual(posted[1].parts['to_nick'], 'Romeo')
        self.assertEqual([(leaf.d['kind'], leaf.parts['body'], leaf.parts['replaces'])
                          for leaf in self.of(102)],
                         [('groupchat', 'better', 'm1'), ('private', 'pssst', 'm4')])
        reaction = self.one(105)
        self.assertEqual(reaction.parts['target'], 'm1')
        self.assertIn('\U0001f44b', reaction.parts['stanza'])
        self.assertEqual(self.one(107).parts['subject'], 'Fire!')
        direct = self.one(110)
        self.assertEqual((direct.parts['body'], direct.parts['to'], direct.room),
                         ('between us', ROMEO, None))
        self.assertEqual([leaf.parts['nick'] for leaf in self.of(201)], ['Romeo', 'Juliet'])
        self.assertEqual([(leaf.d['cause'], leaf.parts.get('reason')) for leaf in self.of(202)],
                         [('kick', 'Out'), ('shutdown', None)])
        self.assertEqual(self.one(203).parts, {'old_nick': 'Juliet', 'new_nick': 'Jule'})
        refused = self.one(204)
        self.assertEqual((refused.d, refused.parts),
                         ({'cause': 'forbidden', 'n': 1},
                          {'full_jid': TYBALT + '/here', 'to': ROOM + '/Tybalt'}))
        self.assertEqual(refused.a['af'], 0)
        self.assertEqual(self.of(401), [])
        self.assertEqual([(leaf.d['what'], leaf.d['n'] > 0, leaf.parts['full_jid'])
                          for leaf in self.of(403)],
                         [('owners', True, ROMEO + '/here'), ('configuration', True, ROMEO + '/here'),
                          ('rooms', True, ROMEO + '/here'),
                          ('registration', False, JULIET + '/here')])
        self.assertEqual([leaf.room is None for leaf in self.of(403)], [False, False, True, False])
        archive = self.one(404)
        self.assertEqual(archive.d['n'], 1)
        self.assertEqual(archive.d['first_ts'], archive.d['last_ts'])
        self.assertEqual(archive.parts['full_jid'], ROMEO + '/here')
        created = self.one(501)
        self.assertEqual((created.rn, created.parts['room']), (1, ROOM))
        changes = {c['key']: (c['old'], c['new']) for leaf in self.of(502) for c in leaf.d['changes']}
        self.assertEqual(changes['muc#roomconfig_enablelogging'], ('1', '0'))
        banned = [leaf for leaf in self.of(507) if leaf.d['new'] == 'outcast']
        self.assertEqual([(leaf.parts['target'], leaf.parts['reason']) for leaf in banned],
                         [(TYBALT, 'Ban')])
        self.assertEqual([(leaf.d['old'], leaf.d['new']) for leaf in self.of(508)],
                         [('visitor', 'participant'), ('participant', 'visitor')])
        self.assertEqual(self.one(509).parts['reason'], 'Come')
        self.assertEqual(self.one(510).d['result'], 'declined')
        asked, answered = self.of(514)
        self.assertEqual((asked.d['phase'], asked.a['ro']), ('asked', 1))
        self.assertEqual((answered.d['phase'], answered.parts['target']),
                         ('declined', JULIET + '/here'))
        self.assertEqual(answered.d['target'], asked.a['p'])
        failed = self.one(602)
        self.assertEqual((failed.d['mechanism'], failed.d['cause'], failed.d['n'], failed.parts),
                         ('PLAIN', 'not-authorized', 1, {'full_jid': ROMEO, 'ip': '127.0.0.1'}))
        self.judge_sessions()
        self.assertEqual(len(self.of(601)), len(USERS))
        self.assertTrue(self.of(606)[-1].d['version'])
        self.assertEqual(self.of(607)[-1].d['cause'], 'signal')

    def judge_sessions(self):
        sessions = collections.defaultdict(list)
        for leaf in self.of(603):
            self.assertIsNone(leaf.room)
            sessions[leaf.parts['full_jid']].append(leaf)
        self.assertEqual(sorted(sessions), sorted(name + '@localhost/here' for name in USERS))
        for jid, (opened, closed) in sessions.items():
            self.assertEqual((opened.d['opened'], opened.d['cause']), (True, 'bound'))
            self.assertEqual(opened.parts['ip'], '127.0.0.1')
            self.assertTrue(opened.d['mechanism'])
            self.assertFalse(closed.d['opened'])
            self.assertEqual(closed.d['cause'], 'closed by client' if jid.startswith('tybalt')
                             else 'system-shutdown')
            self.assertEqual(opened.a['s'], closed.a['s'])
        # In order: nobody does anything before the login is on record.
        first = next(i for i, leaf in enumerate(self.leaves) if leaf.t == 603)
        self.assertLess(first, next(i for i, leaf in enumerate(self.leaves) if leaf.t == 201))

    def test_rejected_attempts(self):  # C06
        romeo, juliet, tybalt = (self.login(name) for name in USERS)
        romeo.join(ROOM, 'Romeo')
        self.owner(romeo, ('muc#roomconfig_moderatedroom', '1'),
                   ('muc#roomconfig_changesubject', '0'))
        juliet.join(ROOM, 'Juliet')
        self.admin(romeo, "<item jid='%s' affiliation='outcast'/>" % TYBALT)
        juliet.ping(ROOM + '/Juliet')
        self.message(juliet, 'x1', '<body>%s</body>' % raw.escape(NASTY))
        self.refused(juliet, 'x1', 'forbidden')
        self.message(juliet, 'x2', '<subject>mine</subject>')
        self.refused(juliet, 'x2', 'forbidden')
        self.message(tybalt, 'x3', '<body>banned</body>')
        self.refused(tybalt, 'x3', 'not-acceptable')
        long = 'x' * 70000
        self.message(tybalt, 'x4', '<body>%s</body>' % long, ROOM + '/Romeo', 'chat')
        self.refused(tybalt, 'x4', 'not-acceptable')
        self.message(tybalt, 'x5', '<body>nobody</body>', 'none@chat.localhost')
        self.refused(tybalt, 'x5', 'item-not-found')
        # Too large for the stream: its sender is out, and that is on record.
        self.message(tybalt, 'x6', '<body>%s</body>' % ('x' * 300000))
        tybalt.wait_closed()
        archive = romeo.request("<query xmlns='%s'/>" % MAM, to=ROOM, type='set')
        self.assertEqual(archive.get('type'), 'result')
        self.assertFalse([e for e in romeo.reader.elements
                          if e.tag == raw.q(raw.CLIENT, 'message') and
                          e.find(raw.q(MAM, 'result')) is not None and 'body' in raw.to_text(e)])
        self.stop_and_read()
        rejected = self.of(106)
        self.assertEqual([(leaf.d['cause'], leaf.d['about'], leaf.d['n'], leaf.parts['full_jid'])
                          for leaf in rejected],
                         [('forbidden', 'message', 1, JULIET + '/here'),
                          ('forbidden', 'subject', 1, JULIET + '/here'),
                          ('not-acceptable', 'message', 1, TYBALT + '/here'),
                          ('not-acceptable', 'private', 1, TYBALT + '/here'),
                          ('item-not-found', 'message', 1, TYBALT + '/here')])
        self.assertEqual([leaf.room is None for leaf in rejected], [False] * 4 + [True])
        for leaf in rejected[:3] + rejected[4:]:
            self.assertEqual(leaf.d['bytes'], len(leaf.parts['stanza'].encode()))
            self.assertNotIn('stanza_sha256', leaf.d)
        body = ET.fromstring(rejected[0].parts['stanza']).find('body')
        self.assertEqual(body.text, NASTY)
        whole = rejected[3]
        self.assertGreater(whole.d['bytes'], 70000)
        self.assertEqual(len(whole.parts['stanza']), 65536)
        self.assertEqual(len(whole.d['stanza_sha256']), 2 * hashlib.sha256().digest_size)
        self.assertEqual(rejected[4].parts['to'], 'none@chat.localhost')
        closed = [leaf.d['cause'] for leaf in self.of(603)
                  if not leaf.d['opened'] and leaf.parts['full_jid'].startswith(TYBALT)]
        self.assertEqual(closed, ['policy-violation'])
        # Nothing of it went to anybody.
        self.assertEqual([leaf for leaf in self.leaves if leaf.t in (101, 107)], [])

    def test_a_flood_of_refusals_does_not_flood_the_archive(self):
        juliet = self.login('juliet')
        self.login('romeo').join(ROOM, 'Romeo')
        for i in range(500):
            self.message(juliet, 'f%d' % i, '<body>let me</body>')
        self.refused(juliet, 'f499', 'not-acceptable')
        self.stop_and_read()
        rejected = self.of(106)
        self.assertEqual(sum(leaf.d['n'] for leaf in rejected), 500)
        self.assertLessEqual(len(rejected), 3 * 21)  # three minutes at the most
        self.assertEqual([leaf.d['n'] for leaf in rejected[:20]], [1] * 20)
        self.assertNotIn('stanza', rejected[-1].parts)

    def test_resumption_and_history(self):
        anna = Managed(self.server, 'juliet', resource='phone')
        self.addCleanup(anna.close)
        romeo = self.login('romeo')
        romeo.join(ROOM, 'Romeo')
        for i in range(40):
            romeo.say(ROOM, 'm%d' % i)
        romeo.hear(ROOM, 'm39')
        anna.cut()
        until(lambda: any('session waits to be resumed' in line for line in self.server.lines),
              what='that the connection is missed')
        anna.resume()
        juliet = self.login('juliet')
        juliet.join(ROOM, 'Juliet', history="maxstanzas='35'")
        answer = juliet.request("<query xmlns='%s'><set xmlns='http://jabber.org/protocol/rsm'>"
                                "<max>7</max></set></query>" % MAM, to=ROOM, type='set')
        self.assertEqual(answer.get('type'), 'result')
        self.stop_and_read()
        opened = [(leaf.d['cause'], leaf.d['mechanism'], leaf.a['s']) for leaf in self.of(603)
                  if leaf.d['opened'] and leaf.parts['full_jid'] == JULIET + '/phone']
        self.assertEqual([cause for cause, _, _ in opened], ['bound', 'resumed'])
        self.assertEqual(opened[0][1:], opened[1][1:])
        said = [leaf.rn for leaf in self.of(101)]
        viewed = {leaf.d['via']: leaf.d for leaf in self.of(401)}
        self.assertEqual(viewed['join'],
                         {'via': 'join', 'first_rn': said[5], 'last_rn': said[39], 'n': 35})
        self.assertEqual(viewed['mam'],
                         {'via': 'mam', 'first_rn': said[0], 'last_rn': said[6], 'n': 7})


class Outage(CaptureCase):

    def modes(self, which, rows):
        return int(self.server.storage.rows(which, 'SELECT count(*) FROM %s = 609' % rows)[0][0])

    def test_the_archive_is_away_and_back(self):
        with self.server.storage.held('archive'):
            romeo = self.login('romeo')
            romeo.join(ROOM, 'Romeo')
            romeo.say(ROOM, 'kept')
            romeo.hear(ROOM, 'kept')
            until(lambda: any('the archive cannot be written' in line
                              for line in self.server.lines), what='trouble')
            until(lambda: self.modes('content', 'outbox WHERE code') == 1, what='the mode on record')
        until(lambda: self.modes('archive', 'event WHERE t') == 2, what='the end of it')
        self.stop_and_read()
        self.assertEqual([leaf.d for leaf in self.of(609)],
                         [{'old': 'following', 'new': 'buffering', 'cause': 'trouble'},
                          {'old': 'buffering', 'new': 'following', 'cause': 'recovered'}])


if __name__ == '__main__':
    unittest.main()
