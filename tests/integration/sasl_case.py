# SPDX-License-Identifier: Apache-2.0
"""What the tests of logging in share."""

import base64

import raw
from harness import ServerCase
from scram import Scram


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


class SaslCase(ServerCase):
    # The tests open many connections from one address.
    config = {'limits': {'preauth_per_address': 500}}

    def fresh(self, **options):
        client = self.tls(**options)
        client.open_stream()
        return client

    def scram_to_final(self, **bend):
        client = self.fresh()
        exchange = Scram('alice', self.users['alice'], **bend)
        challenge = client.auth('SCRAM-SHA-256', b64(exchange.first()))
        self.assertEqual(challenge.tag, raw.q(raw.SASL, 'challenge'), raw.to_text(challenge))
        return client, exchange, base64.b64decode(challenge.text).decode()
