# SPDX-License-Identifier: Apache-2.0
"""What private PostgreSQLs (postgres.py) of tests that were killed leave: folders, and System V memory.
Anybody may put a folder of any name beside them; what is not ours is let be."""

import ctypes
import os
import pathlib
import pwd
import shutil
import stat
import tempfile
import time

PREFIX = 'hansard-pg-'
MEMORY = '/dev/shm'  # files of a database by the thousand are made and removed much faster there
MADE_WITHIN = 3600  # seconds from a folder to its file `maker`


class Unavailable(Exception):
    """There is no PostgreSQL here."""


def unprivileged():
    """The user PostgreSQL runs as, or None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ('postgres', 'nobody'):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Unavailable('root cannot run PostgreSQL, and there is neither a user postgres nor nobody')


def owners():
    """Whose files and memory may be taken for ours: anybody can put a folder beside them."""
    user = unprivileged()
    return {os.geteuid(), user.pw_uid} if user else {os.geteuid()}


def is_ours(path, kind):
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return kind(found.st_mode) and found.st_uid in owners()


def is_abandoned(folder):
    try:
        os.kill(int((folder / 'maker').read_text()), 0)
    except ProcessLookupError:
        return True
    except (FileNotFoundError, ValueError):  # about to be written, unless that was long ago
        return time.time() - folder.stat().st_mtime > MADE_WITHIN
    except OSError:
        pass
    return False


def forget_abandoned():
    """Removes folders whose maker was killed; their PostgreSQL ended with it."""
    for folder in [*pathlib.Path(tempfile.gettempdir()).glob(PREFIX + '*'),
                   *pathlib.Path(MEMORY).glob(PREFIX + '*')]:
        try:
            if is_ours(folder, stat.S_ISDIR) and is_abandoned(folder):
                remove_segment(folder / 'data')
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # somebody else removes it


def segments():
    """(key, id) → owner of all System V memory."""
    with open('/proc/sysvipc/shm') as f:
        rows = [line.split() for line in f][1:]
    return {(int(row[0]), int(row[1])): int(row[7]) for row in rows}


def remove_segment(data):
    """A postmaster that was killed leaves a few bytes of System V memory."""
    file = data / 'postmaster.pid'
    if not is_ours(data, stat.S_ISDIR) or not is_ours(file, stat.S_ISREG):
        return
    try:
        key, number = map(int, file.read_text().split('\n')[6].split())
        if segments().get((key, number)) not in owners():
            return
    except (OSError, IndexError, ValueError):
        return
    remove = 0  # IPC_RMID
    ctypes.CDLL(None).shmctl(number, remove, None)
