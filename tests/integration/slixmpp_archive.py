# SPDX-License-Identifier: Apache-2.0
"""As slixmpp_client.py, for one's own archive (XEP-0313), read by slixmpp's own plugin.

    archive PAGE [WITH]     all of it, page by page
"""

import asyncio

from slixmpp.exceptions import IqError

import slixmpp_client

ID = '{urn:xmpp:sid:0}stanza-id'


class Client(slixmpp_client.Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.register_plugin('xep_0313')

    async def read(self, page, other=None):
        messages = []
        try:
            async for found in self.plugin['xep_0313'].iterate(
                    jid=self.boundjid.bare, with_jid=other, rsm={'max': page}):
                result = found['mam_result']
                said = result['forwarded']['stanza']
                messages.append({'id': result['id'], 'body': said['body'],
                                 'from': said['from'].bare, 'type': said['type'],
                                 'known': [e.get('id') for e in said.xml.iter(ID)]})
        except IqError as e:
            return self.tell('archive', error=e.condition)
        self.tell('archive', error=None, messages=messages)

    def obey(self, line):
        command, *rest = line.rstrip('\n').split(' ')
        if command != 'archive':
            return super().obey(line)
        asyncio.ensure_future(self.read(int(rest[0]), *rest[1:]))


if __name__ == '__main__':
    asyncio.run(slixmpp_client.main(Client))
