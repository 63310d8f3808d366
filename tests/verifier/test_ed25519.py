# SPDX-License-Identifier: Apache-2.0
"""verifier/ed25519.py against RFC 8032 and against openssl."""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'verifier'))
import ed25519  # noqa: E402

# RFC 8032 §7.1: seed, public key, message, signature. TEST SHA(abc) signs SHA-512("abc").
RFC = [
    ('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
     'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
     'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b'
     'd25bf5f0595bbe24655141438e7a100b'),
    ('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
     '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
     '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c'
     '387b2eaeb4302aeeb00d291612bb0c00'),
    ('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
     'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82',
     '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659'
     '4a7c15e9716ed28dc027beceea1ec40a'),
    ('833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
     'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
     'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd'
     '454d4423643ce80e2a9ac94fa54ca49f',
     'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030'
     '3dca179c138ac17ad9bef1177331a704'),
]
PKCS8 = bytes.fromhex('302e020100300506032b657004220420')
SPKI = bytes.fromhex('302a300506032b6570032100')


class Ed25519(unittest.TestCase):
    def test_rfc_8032(self):
        for seed, public, message, signature in (map(bytes.fromhex, v) for v in RFC):
            self.assertEqual(ed25519.public_key(seed), public)
            self.assertEqual(ed25519.sign(seed, message), signature)
            self.assertTrue(ed25519.verify(public, message, signature))
            self.assertFalse(ed25519.verify(public, message + b'.', signature))

    def test_every_bit_counts(self):
        seed, public, message, signature = map(bytes.fromhex, RFC[1])
        for data in ('public', 'signature'):
            whole = {'public': public, 'signature': signature}
            for bit in range(8 * len(whole[data])):
                changed = bytearray(whole[data])
                changed[bit // 8] ^= 1 << bit % 8
                self.assertFalse(ed25519.verify(**dict(whole, **{data: bytes(changed)}), message=message))

    def test_s_is_below_l(self):
        _, public, message, signature = map(bytes.fromhex, RFC[1])
        s = int.from_bytes(signature[32:], 'little')
        for more in range(1, 15):
            again = signature[:32] + (s + more * ed25519.L).to_bytes(32, 'little')
            self.assertFalse(ed25519.verify(public, message, again))

    def test_points_are_written_in_one_way(self):
        p = ed25519.P
        self.assertEqual(ed25519.decode((1).to_bytes(32, 'little')), ed25519.NEUTRAL)
        self.assertIsNone(ed25519.decode((1 | 1 << 255).to_bytes(32, 'little')))  # x = 0, odd
        self.assertIsNone(ed25519.decode((2).to_bytes(32, 'little')))  # y of no point
        self.assertIsNotNone(ed25519.decode((p - 1).to_bytes(32, 'little')))
        for y in (p, p + 1):
            self.assertIsNone(ed25519.decode(y.to_bytes(32, 'little')))
        for length in (0, 31, 33):
            self.assertIsNone(ed25519.decode(bytes(length)))

    def test_lengths(self):
        _, public, message, signature = map(bytes.fromhex, RFC[0])
        self.assertFalse(ed25519.verify(public[:31], message, signature))
        self.assertFalse(ed25519.verify(public, message, signature[:63]))
        self.assertFalse(ed25519.verify(public, message, signature + b'\0'))

    @unittest.skipUnless(shutil.which('openssl'), 'no openssl')
    def test_openssl_agrees(self):
        chance = random.Random(8032)
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder)

            def openssl(*args):
                return subprocess.run(['openssl', *args], cwd=here, capture_output=True, timeout=60)

            for length in (1, 111, 112, 1000):
                seed, message = chance.randbytes(32), chance.randbytes(length)
                public = ed25519.public_key(seed)
                (here / 'key').write_bytes(PKCS8 + seed)
                (here / 'public').write_bytes(SPKI + public)
                (here / 'message').write_bytes(message)
                openssl('pkeyutl', '-sign', '-inkey', 'key', '-keyform', 'DER', '-rawin', '-in', 'message',
                        '-out', 'signature')
                theirs = (here / 'signature').read_bytes()
                self.assertEqual(theirs, ed25519.sign(seed, message))
                self.assertTrue(ed25519.verify(public, message, theirs))
                (here / 'signature').write_bytes(ed25519.sign(seed, message + b'!'))
                said = openssl('pkeyutl', '-verify', '-pubin', '-inkey', 'public', '-keyform', 'DER', '-rawin',
                               '-in', 'message', '-sigfile', 'signature')
                self.assertNotEqual(said.returncode, 0)


if __name__ == '__main__':
    unittest.main()
