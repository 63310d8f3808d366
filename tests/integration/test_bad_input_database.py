# SPDX-License-Identifier: Apache-2.0
"""BI-DB as far as it can be seen from outside: what must not reach the database, what must come back as it
was, and damage in the database."""

import json
import os
import socket
import unittest
from xml.sax.saxutils import escape

import checker
import raw
from harness import Server, UNLIMITED_RATES, until

STORAGES = ('sqlite', 'postgresql')

ROOM = 'texts@chat.localhost'
USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
DATA = 'jabber:x:data'
ROSTER = 'jabber:iq:roster'
PRIVATE = 'jabber:iq:private'
# What has another meaning in SQL, in array literals, in COPY, in LIKE or in somebody's escaping, and
# what some databases fold, cut or refuse.
TEXTS = [
    "O'Brien; DROP TABLE room; --", "''", '"', '\\', "\\'", '\\\\x41', "E'\\x41'", '50%_', '$1 $2', ':a :b ?',
    '/* */ --', '{"a","b"}', '{a,b}', '{}', 'NULL', '\\N', '\\.', ',', '(1,2)', '\\u0041 \\0', 'a\nb\tc',
    ' leading and trailing ', '\U0001d11e \U0001f600 \U00020000', 'e' + '\u0301' * 10000, '\u00e9 e\u0301',
    '\u202eright to left\u202c \u200f\u05d0', '\u200b\ufeff', '\ufffd', '\u0130\u0131Iiß',
]
FORM = [('roomname', 'name %s'), ('roomdesc', 'what for: %s')]


def text_of(element):
    return element.findtext(raw.q(raw.CLIENT, 'body'))


class Texts(unittest.TestCase):
    """BI-DB-02: every text comes back as it was said, from the cache, after kill -9, and in the tables."""

    def test_every_text_comes_back_bi_db_02(self):
        server = self.server = Server({'limits': UNLIMITED_RATES}, USERS)
        self.addCleanup(server.remove)
        server.start()
        with server.login('alice') as alice:
            alice.join(ROOM, 'alice')
            for number, text in enumerate(TEXTS):
                alice.say(ROOM, text, 't%d' % number)
                alice.wait(lambda e: raw.is_room_message(e, ROOM) and text_of(e) == text,
                           what='text %d' % number)
                self.result(alice.request(self.roster_item(number, text), type='set'))
                self.result(alice.request(self.private(number, text), type='set'))
            self.assertEqual(self.kept(alice), TEXTS)
        self.history_is_whole()
        server.kill9()
        server.start()
        self.history_is_whole()
        with server.login('alice') as alice:
            self.assertEqual(self.kept(alice), TEXTS)
            alice.end()
        server.stop()
        records, heads = checker.read_archive(server.storage)
        content = checker.read_content(server.storage)
        room = next(key for key, jid in content[0].items() if jid == ROOM)
        self.assertEqual([m.body for _, m in content[1][room]], TEXTS)
        self.assertEqual([m.body for m in checker.archived_messages(records)[room]], TEXTS)
        self.assertEqual(checker.chain_problems(records, heads), [])

    def test_settings_and_subjects_bi_db_02(self):
        server = self.server = Server({'limits': UNLIMITED_RATES}, USERS)
        self.addCleanup(server.remove)
        server.start()
        for number, text in enumerate(TEXTS):
            text = ' '.join(text.split())[:200]
            room = 'settings-%d@chat.localhost' % number
            with server.login('alice') as alice:
                alice.join(room, 'alice')
                fields = ''.join("<field var='muc#roomconfig_%s'><value>%s</value></field>" %
                                 (name, escape(pattern % text)) for name, pattern in FORM)
                self.result(alice.request(
                    "<query xmlns='%s'><x xmlns='%s' type='submit'><field var='FORM_TYPE'><value>%s"
                    "</value></field>%s<field var='muc#roomconfig_persistentroom'><value>1</value>"
                    "</field></x></query>" % (raw.MUC_OWNER, DATA, raw.MUC + '#roomconfig', fields),
                    to=room, type='set'))
                alice.send("<message to='%s' type='groupchat'><subject>%s</subject></message>" %
                           (room, escape(text)))
                alice.wait(lambda e: e.findtext(raw.q(raw.CLIENT, 'subject')) == text, what=text)
                alice.end()
        server.kill9()
        server.start()
        with server.login('bob') as bob:
            for number, text in enumerate(TEXTS):
                text = ' '.join(text.split())[:200]
                room = 'settings-%d@chat.localhost' % number
                info = bob.request("<query xmlns='%s'/>" % raw.DISCO_INFO, to=room)
                identity = info.find('.//' + raw.q(raw.DISCO_INFO, 'identity'))
                self.assertEqual(identity.get('name'), ('name %s' % text).strip())
                values = [value.text for value in info.iter(raw.q(DATA, 'value'))]
                self.assertIn(('what for: %s' % text).strip(), values)
                _, _, subject = bob.join(room, 'bob')
                self.assertEqual(subject.findtext(raw.q(raw.CLIENT, 'subject')) or '', text)
            bob.end()
        server.stop()

    def result(self, answer):
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))

    @staticmethod
    def attribute(text):
        """Line ends and tabs survive in an attribute only as references."""
        return escape(text, {'"': '&quot;', '\n': '&#10;', '\t': '&#9;'})

    def roster_item(self, number, text):
        return '<query xmlns="%s"><item jid="n%d@example.org" name="%s"/></query>' % (
            ROSTER, number, self.attribute(self.short(text)))

    @staticmethod
    def short(text):
        """A name has a limit of its own, which is not the point here."""
        return text if len(text) < 500 else text[:300]

    @staticmethod
    def private(number, text):
        return "<query xmlns='%s'><t xmlns='texts:%d'>%s</t></query>" % (PRIVATE, number, escape(text))

    def kept(self, client):
        """The texts as private XML has them, and the roster has the same names."""
        names = {item.get('jid'): item.get('name') for item in
                 client.request("<query xmlns='%s'/>" % ROSTER).iter(raw.q(ROSTER, 'item'))}
        for number, text in enumerate(TEXTS):
            self.assertEqual(names['n%d@example.org' % number], self.short(text))
        return [client.request("<query xmlns='%s'><t xmlns='texts:%d'/></query>" % (PRIVATE, n))
                .findtext('.//' + raw.q('texts:%d' % n, 't')) for n in range(len(TEXTS))]

    def history_is_whole(self):
        with self.server.login('bob') as bob:
            _, past, _ = bob.join(ROOM, 'bob', "maxstanzas='500'")
            self.assertEqual([text_of(m) for m in past], TEXTS)
            bob.end()


class NotText(unittest.TestCase):
    """BI-DB-01: U+0000, lone surrogates and what is no UTF-8 end at the edge."""

    def setUp(self):
        self.server = Server(users=USERS)
        self.addCleanup(self.server.remove)
        self.server.start()

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(raw.PATIENCE)
            control.connect(os.path.join(self.server.data, 'control.sock'))
            control.sendall(line + b'\n')
            answer = b''
            while not answer.endswith(b'\n'):
                piece = control.recv(65536)
                if not piece:
                    break
                answer += piece
        return json.loads(answer)

    def test_over_the_control_socket_bi_db_01(self):
        before = self.server.storage.rows('content', 'SELECT name FROM user_group ORDER BY name')
        for name in (b'a\\u0000b', b'a\\ud800b', b'a\\udc00', b'a\xffb', b'a\xc0\x80b', b'\xed\xa0\x80'):
            answer = self.ask(b'{"command":"group add","arguments":{"name":"%s"}}' % name)
            self.assertFalse(answer['ok'], (name, answer))
            answer = self.ask(b'{"command":"user passwd","arguments":{"jid":"alice@localhost",'
                              b'"password":"%s"}}' % name)
            self.assertFalse(answer['ok'], (name, answer))
        self.assertEqual(self.server.storage.rows(
            'content', 'SELECT name FROM user_group ORDER BY name'), before)
        self.server.login('alice').end()  # with her old password
        self.server.stop()

    def test_over_a_stream_bi_db_01(self):
        with self.server.login('bob') as watcher:
            watcher.join(ROOM, 'bob')
            for text in (b'a&#0;b', b'a\0b', b'a&#xd800;b', b'a\xed\xa0\x80b', b'a\xffb', b'a\xc0\x80b',
                         b'&#xffff;'):
                alice = self.server.login('alice')
                alice.join(ROOM, 'alice')
                alice.send(b"<message to='" + ROOM.encode() + b"' type='groupchat'><body>" + text +
                           b'</body></message>')
                error = alice.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'), what='stream error')
                self.assertIn(raw.stream_condition(error), ('not-well-formed', 'restricted-xml',
                                                            'unsupported-encoding', 'bad-format'), text)
                alice.close()
            watcher.ping()
            self.assertEqual([e for e in watcher.reader.elements if raw.is_room_message(e, ROOM)], [])
            watcher.end()
        self.server.stop()


class Damage(unittest.TestCase):
    """BI-DB-10: a row that cannot be read is that room's trouble, or that person's, and nobody else's."""

    def test_a_damaged_room_bi_db_10(self):
        server = Server(users=USERS)
        self.addCleanup(server.remove)
        server.start()
        rooms = ['damage-%d@chat.localhost' % n for n in range(3)]
        with server.login('alice') as alice:
            for room in rooms:
                alice.join(room, 'alice')
                alice.say(room, 'said in ' + room)
                alice.hear(room, 'said in ' + room)
                alice.leave(room, 'alice')
            alice.end()
        server.stop()
        storage = server.storage
        ids = {jid: key for key, jid in storage.rows('content', 'SELECT id, jid FROM room')}
        storage.change('content', "UPDATE affiliation SET jid = '@@@' WHERE room_id = %d" % ids[rooms[0]])
        storage.change('content', "UPDATE room_head SET hash = 'no hash' WHERE room_id = %d" %
                       ids[rooms[1]])
        server.start()  # no loop of crashes
        with server.login('bob') as bob:
            self.assertEqual(self.answer_to_join(bob, rooms[0]), 'error')
            until(lambda: any(rooms[0] in line and (' WARN' in line.upper() or 'ERROR' in line.upper())
                              for line in server.lines), what='a line in the log')
            # Here it shows only when something is to be recorded: the room is dropped (333).
            self.assertEqual(self.answer_to_join(bob, rooms[1]), 'unavailable')
            own, past, _ = bob.join(rooms[2], 'bob', "maxstanzas='10'")
            self.assertEqual([text_of(m) for m in past], ['said in ' + rooms[2]])
            bob.say(rooms[2], 'others go on')
            bob.hear(rooms[2], 'others go on')
            bob.end()
        self.assertTrue(server.alive())
        server.stop()
        # The damage was not repaired by making the rooms anew.
        self.assertEqual(storage.rows('content', 'SELECT count(*) AS n FROM room')[0][0], 3)

    @staticmethod
    def answer_to_join(client, room):
        client.send("<presence to='%s/x'><x xmlns='%s'/></presence>" % (room, raw.MUC))
        return client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                           e.get('from') == room + '/x', what='an answer').get('type')

    def test_a_damaged_account_bi_db_10(self):
        server = Server(users=USERS)
        self.addCleanup(server.remove)
        server.storage.change('content', "UPDATE account SET sha256_stored_key = 'zz', "
                              "sha1_stored_key = '' WHERE localpart = 'alice'")
        server.start()
        client = server.tls()
        self.addCleanup(client.close)
        client.open_stream()
        self.assertEqual(client.auth_plain('alice', USERS['alice']).tag, raw.q(raw.SASL, 'failure'))
        server.login('bob').end()
        server.stop()


if __name__ == '__main__':
    unittest.main()
