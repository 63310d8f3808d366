# SPDX-License-Identifier: Apache-2.0
"""A client under stream management (XEP-0198) that loses its connection and comes back: it counts what
it was given, keeps what it said until the server has handled it, and says the rest again."""

import raw

SM = 'urn:xmpp:sm:3'
STANZAS = {raw.q(raw.CLIENT, name) for name in ('message', 'presence', 'iq')}


class Managed:
    def __init__(self, server, name, resource='managed'):
        self.server, self.name = server, name
        self.client = self._authenticate()
        self.client.bind(resource)
        self.client.reader.elements.clear()
        self.client.send("<enable xmlns='%s' resume='true'/>" % SM)
        enabled = self.client.wait(lambda e: e.tag == raw.q(SM, 'enabled'), what='<enabled/>')
        self.id = enabled.get('id')
        self.handled = 0   # stanzas from the server
        self.waiting = []  # what the server has not handled, oldest first
        self.acked = 0
        self.unanswered = 0  # requests, on this connection
        self.heard = []    # stanzas, in order

    def _authenticate(self):
        client = raw.Raw(self.server.tls_port, tls=True)
        client.open_stream()
        answer = client.auth_plain(self.name, self.server.users[self.name])
        if answer.tag != raw.q(raw.SASL, 'success'):
            raise AssertionError('no login: %s' % raw.to_text(answer))
        client.open_stream()
        return client

    def send(self, stanza):
        """One stanza."""
        self.waiting.append(stanza)
        self.client.send(stanza)

    def say(self, room, body):
        self.send("<message to='%s' type='groupchat' id='%s'><body>%s</body></message>" %
                  (room, body, body))

    def look(self):
        """Takes in what has come."""
        try:
            self.client.drain()
        finally:
            elements, self.client.reader.elements = self.client.reader.elements, []
            for element in elements:
                self._take(element)

    def _take(self, element):
        if element.tag in STANZAS:
            self.handled = (self.handled + 1) % 2 ** 32
            self.heard.append(element)
        elif element.tag == raw.q(SM, 'r'):
            self.client.send("<a xmlns='%s' h='%d'/>" % (SM, self.handled))
        elif element.tag == raw.q(SM, 'a'):
            self.unanswered -= 1
            self._acknowledged(int(element.get('h')))
        else:
            raise AssertionError('not expected: %s' % raw.to_text(element))

    def _acknowledged(self, h):
        count = (h - self.acked) % 2 ** 32
        if count > len(self.waiting):
            raise AssertionError('h is %d, above what was sent' % h)
        del self.waiting[:count]
        self.acked = h

    def request(self):
        self.unanswered += 1
        self.client.send("<r xmlns='%s'/>" % SM)

    def cut(self, rest=''):
        """Without a word, or in the middle of one."""
        self.client.send(rest)
        self.client.abort()

    def log_in(self):
        self.client = self._authenticate()
        self.unanswered = 0

    def begin_return(self):
        self.log_in()
        self.client.send("<resume xmlns='%s' previd='%s' h='%d'/>" % (SM, self.id, self.handled))

    def finish_return(self):
        """The answer; what was not handled is said again if it is <resumed/>."""
        answer = self.client.next(what='an answer to <resume/>')
        if answer.tag == raw.q(SM, 'resumed'):
            self._acknowledged(int(answer.get('h')))
            for stanza in self.waiting:
                self.client.send(stanza)
        return answer

    def resume(self):
        self.begin_return()
        answer = self.finish_return()
        if answer.tag != raw.q(SM, 'resumed'):
            raise AssertionError('not resumed: %s' % raw.to_text(answer))

    def bodies(self, room):
        self.look()
        return [m.findtext(raw.q(raw.CLIENT, 'body')) for m in self.heard
                if raw.is_room_message(m, room)]

    def close(self):
        self.client.close()
