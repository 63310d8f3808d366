# SPDX-License-Identifier: Apache-2.0
"""Tests in which clients written elsewhere use one server: it must be alive and well at their end."""

import os
import unittest

from harness import Server


class ClientCase(unittest.TestCase):
    USERS = {}
    CONFIG = None

    def setUp(self):
        self.server = Server(users=self.USERS, config=self.CONFIG)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.ca_file = os.path.join(self.server.data, 'tls', 'fullchain.pem')

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.tail())
        self.server.check_reports()
        self.server.stop()
