# SPDX-License-Identifier: Apache-2.0
"""As slixmpp_client.py, for archives (XEP-0313).

    walk ROOM {"reverse": …, "start": …, "end": …, "with_jid": …}    the library pages through all
    page ROOM {"before_id": …, "ids": […], "rsm": {…}, "flip": …}    one page
    metadata ROOM {}

Dates are ISO 8601.
"""

import asyncio
import datetime
import json

from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Collector
from slixmpp.xmlstream.matcher import MatchXMLMask

import slixmpp_client

MAM = 'urn:xmpp:mam:2'
ITEM = '{http://jabber.org/protocol/muc#user}item'


class Client(slixmpp_client.Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for plugin in ('xep_0004', 'xep_0059', 'xep_0297', 'xep_0313'):
            self.register_plugin(plugin)
        self.archive = self.plugin['xep_0313']

    @staticmethod
    def entry(message):
        result = message['mam_result']
        forwarded = result['forwarded']
        inner = forwarded['stanza']
        item = inner.xml.find('.//' + ITEM)
        return {'id': result['id'], 'body': inner['body'], 'source': inner['from'].full,
                'to': inner.xml.get('to'), 'jid': None if item is None else item.get('jid'),
                'stamp': forwarded['delay']['stamp'].isoformat()}

    async def walk(self, room, options):
        for name in ('start', 'end'):
            if name in options:
                options[name] = datetime.datetime.fromisoformat(options[name])
        entries = [self.entry(m) async for m in self.archive.iterate(room, **options)]
        return {'entries': entries}

    async def page(self, room, options):
        iq, mask = self.archive._pre_mam_retrieve(room)
        for name in ('with', 'before_id', 'after_id', 'ids', 'start', 'end'):
            if name in options:
                iq['mam'][name] = options[name]
        for name, value in options.get('rsm', {}).items():
            iq['mam']['rsm'][name] = str(value)
        if options.get('flip'):
            iq['mam'].xml.append(ET.Element('{%s}flip-page' % MAM))
        collector = Collector('page ' + iq['id'], MatchXMLMask(str(mask)))
        self.register_handler(collector)
        try:
            answer = await iq.send()
        finally:
            results = collector.stop()  # what came before the answer
        fin = answer['mam_fin']
        return {'entries': [self.entry(m) for m in results], 'first': fin['rsm']['first'],
                'last': fin['rsm']['last'], 'count': fin['rsm']['count'],
                'complete': fin.xml.get('complete')}

    async def metadata(self, room, _):
        answer = (await self.archive.get_archive_metadata(room))['mam_metadata']
        return {name: [answer[name]['id'], answer[name]['timestamp'].isoformat()]
                for name in ('start', 'end')}

    async def run(self, what, room, options):
        try:
            self.tell('archive', error=None, **await getattr(self, what)(room, options))
        except IqError as error:
            self.tell('archive', error=error.condition)

    def obey(self, line):
        command, *rest = line.rstrip('\n').split(' ', 2)
        if command not in ('walk', 'page', 'metadata'):
            return super().obey(line)
        asyncio.ensure_future(self.run(command, rest[0], json.loads(rest[1])))


if __name__ == '__main__':
    asyncio.run(slixmpp_client.main(Client))
