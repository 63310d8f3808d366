# SPDX-License-Identifier: Apache-2.0
"""Processes by their ids, as /proc knows them."""

import os
import pathlib


def children(pid):
    """Process ids of those that this one started."""
    found = []
    for entry in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = entry.read_text().rsplit(')', 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def lives(pid):
    """False for one that only waits for whoever started it to take note."""
    try:
        return pathlib.Path('/proc/%d/stat' % pid).read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except (OSError, IndexError):
        return False


def send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass
