# SPDX-License-Identifier: Apache-2.0
"""What a server sends, cut into a header and elements; strict about form, for it is the judge."""

import xml.etree.ElementTree as ET
from xml.parsers import expat


class StreamReader:
    """Cuts a stream into its header and top-level elements."""

    def __init__(self):
        self.header = None
        self.elements = []
        self.ended = False
        self._pending = b''
        self._stack = []
        # A separator that cannot stand in any namespace.
        self._parser = expat.ParserCreate('UTF-8', '\f')
        if hasattr(self._parser, 'SetReparseDeferralEnabled'):
            self._parser.SetReparseDeferralEnabled(False)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    @staticmethod
    def _name(name):
        return '{' + name.replace('\f', '}') if '\f' in name else name

    def _start(self, name, attributes):
        element = ET.Element(self._name(name), {self._name(k): v for k, v in attributes.items()})
        if self.header is None:
            self.header = element
            return
        if self._stack:
            self._stack[-1].append(element)
        self._stack.append(element)

    def _end(self, _name):
        if not self._stack:
            self.ended = True
            return
        element = self._stack.pop()
        if not self._stack:
            self.elements.append(element)

    def _text(self, text):
        if not self._stack:
            return
        parent = self._stack[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or '') + text
        else:
            parent.text = (parent.text or '') + text

    def feed(self, data):
        # Debian's expat puts off a token that came in pieces: hand over whole ones.
        self._pending += data
        cut = self._pending.rfind(b'>') + 1
        if cut:
            whole, self._pending = self._pending[:cut], self._pending[cut:]
            self._parser.Parse(whole, False)
