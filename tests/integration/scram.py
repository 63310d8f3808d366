# SPDX-License-Identifier: Apache-2.0
"""SCRAM without a library, so that each part of it can be wrong on purpose."""

import base64
import hashlib
import hmac
import os


class Scram:
    """RFC 5802, client side, with every part open to be bent by a test."""

    def __init__(self, user, password, mechanism='SCRAM-SHA-256', gs2='n,,', authzid=None,
                 cnonce=None, channel=None, nonce=None, proof=None, extension='', after_nonce=''):
        self.hash = {'SCRAM-SHA-1': 'sha1', 'SCRAM-SHA-256': 'sha256'}[mechanism.replace('-PLUS', '')]
        self.password = password
        self.gs2 = gs2 if authzid is None else 'n,a=%s,' % authzid.replace('=', '=3D').replace(
            ',', '=2C')
        self.cnonce = cnonce or base64.b64encode(os.urandom(18)).decode()
        self.bare = '%sn=%s,r=%s%s' % (extension,
                                       user.replace('=', '=3D').replace(',', '=2C'),
                                       self.cnonce, after_nonce)
        self.channel, self.nonce, self.proof = channel, nonce, proof
        self.salt = self.iterations = self.server_nonce = None
        self.server_signature = None

    def first(self):
        return self.gs2 + self.bare

    def parse(self, challenge):
        fields = dict(f.split('=', 1) for f in challenge.split(','))
        self.server_nonce = fields['r']
        self.salt = base64.b64decode(fields['s'])
        self.iterations = int(fields['i'])
        return fields

    def final(self, challenge):
        self.parse(challenge)
        if not self.server_nonce.startswith(self.cnonce):
            raise AssertionError('the server changed our nonce')
        channel = base64.b64encode(self.gs2.encode()).decode() if self.channel is None \
            else self.channel
        without_proof = 'c=%s,r=%s' % (channel, self.nonce or self.server_nonce)
        signed = ','.join((self.bare, challenge, without_proof)).encode()
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), self.salt, self.iterations)
        client_key = self._hmac(salted, b'Client Key')
        signature = self._hmac(hashlib.new(self.hash, client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.server_signature = self._hmac(self._hmac(salted, b'Server Key'), signed)
        return '%s,p=%s' % (without_proof, self.proof or base64.b64encode(proof).decode())

    def server_is_genuine(self, success_text):
        if not success_text:
            return False
        return base64.b64decode(success_text).decode() == \
            'v=' + base64.b64encode(self.server_signature).decode()

    def _hmac(self, key, data):
        return hmac.new(key, data, self.hash).digest()
