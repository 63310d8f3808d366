# SPDX-License-Identifier: Apache-2.0
"""A whole archive on SQLite: its volumes, opened to be read, checked against its own checkpoints and against
those that were published or kept."""
import collections
import contextlib
import fcntl
import glob
import hashlib
import os
import re
import sqlite3
import urllib.parse

from evidence import is_whole, notes_in, open_checkpoint
from leaves import Events, examine
from manifest import read_manifest
from report import Progress, chunked, spread


def examine_rows(rows):
    events = []
    for seq, leaf, digest, columns, parts in rows:
        opened = {}
        for n, _, salt, data in parts:
            try:
                opened[n] = (bytes.fromhex(salt.decode()), data) if salt or data else (None, None)
            except (ValueError, AttributeError):
                opened[n] = b'', b''
        event = examine(seq, leaf, opened, stored=(digest, columns))
        kinds = re.findall(rb'"c":"[^"]*","k":"([^"]*)"', leaf) if parts else ()
        if any(0 <= n < len(kinds) and kinds[n] != kind for n, kind, *_ in parts):
            event.problems.append(('PROJECTION_MISMATCH', 'the kinds of its parts are others', False))
        events.append(event)
    return events


def bytes_of(*columns):
    """SQL for these as bytes, whatever somebody has put there."""
    return ', '.join("coalesce(CAST(%s AS BLOB), x'')" % column for column in columns)


@contextlib.contextmanager
def gate(path):
    """While it is held the server puts no file into another's place."""
    try:
        file = open(path + '.gate', 'rb')
    except OSError:  # a copy, which no server grows
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


class Archive:
    """The volumes of an archive on SQLite, in order, each as it is at this moment."""
    def __init__(self, path, report):
        path = os.path.realpath(path)
        stem, end = os.path.splitext(path)
        digits = '[0-9][0-9]'
        self.report = report
        with gate(path):
            growing = self.opened(path)
            sealed = glob.glob(glob.escape(stem) + '.' + 2 * digits + '-' + 2 * digits + '-' + digits + glob.escape(end))
        self.volumes = [self.opened(name) for name in sorted(sealed)] + [growing]

    @staticmethod
    def opened(name):
        # On a medium that is read-only SQLite cannot make the file that readers of a WAL share.
        still = not os.access(os.path.dirname(name), os.W_OK) and not os.path.exists(name + '-wal')
        volume = sqlite3.connect('file:%s?%s' % (urllib.parse.quote(name), 'immutable=1' if still else 'mode=ro'),
                                 uri=True, isolation_level=None)
        volume.text_factory = bytes
        volume.execute('BEGIN')
        volume.execute('SELECT count(*) FROM sqlite_master').fetchone()  # until now nothing was opened
        return volume

    def close(self):
        for volume in self.volumes:
            volume.close()

    def all(self, table, columns, order):
        for volume in self.volumes:
            if volume.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                yield from volume.execute('SELECT %s FROM %s ORDER BY %s' % (columns, table, order))

    def rows(self):
        numbers = "iif(typeof(seq) = 'integer', seq, -1), iif(typeof(n) = 'integer', n, -1), "
        parts = self.all('part', numbers + bytes_of('kind', 'salt', 'data'), 'seq, n')
        part = next(parts, None)
        for seq, leaf, digest, *columns in self.all(
                'event', 'seq, %s, src, sn, event_id, t, ts, room, rn' % bytes_of('leaf', 'leaf_hash'), 'seq'):
            own = []
            if part and part[0] < seq:
                self.report('PART_MODIFIED', 'a part of no event', part[0])
            while part and part[0] <= seq:
                own += [part[1:]] * (part[0] == seq)
                part = next(parts, None)
            yield seq, leaf, digest, tuple(columns), own
        if part:
            self.report('PART_MODIFIED', 'a part of no event', part[0])

    def subtree(self, level, index):
        for volume in self.volumes[::-1]:
            found = volume.execute('SELECT %s FROM subtree WHERE level = ? AND idx = ?' % bytes_of('hash'),
                                   (level, index)).fetchone()
            if found:
                return found[0]
        return None

    def checkpoints(self, keys):
        for size, root, note in self.all('checkpoint', 'size, ' + bytes_of('root', 'note'), 'size'):
            where = 'checkpoint of %s' % size
            point = open_checkpoint(note, keys, self.report, where)
            if point and (point.size, point.root.hex().encode()) != (size, root):
                self.report('CKPT_INCONSISTENT', 'its row says something else than its note', where=where)
            if point:
                yield point

    def check_manifests(self):
        before = None
        rows = set(self.all('manifest', 'number, ' + bytes_of('sha256', 'body'), 'number'))
        for number, sha256, body in sorted(rows):
            digest = hashlib.sha256(body).hexdigest()
            try:
                m = read_manifest(body)
                fits = digest.encode() == sha256 and m['number'] == number and (
                    before is None and number > 1 or (number, m['previous']) == (before or (1, '')))
            except ValueError:
                fits = False
            if not fits:
                self.report('FILE_MODIFIED', 'a manifest that is not what was given out', where='manifest %s' % number)
            before = number + 1, digest


def published(path, keys, report):
    """The checkpoints of a file of them, each followed by an empty line; one alone may do without."""
    with open(path, 'rb') as file:
        notes, rest, broken = notes_in(file.read())
    if not notes and not broken and is_whole(rest):
        notes, rest = [rest], b''
    for _ in range(broken + bool(rest)):
        report('CKPT_SIG_BAD', 'a note is not whole: a crash while it was written', where=path, information=True)
    for note in notes:
        where = '%s: checkpoint of %s' % (path, (note.split(b'\n') + [b'?'])[1].decode('utf-8', 'replace'))
        point = open_checkpoint(note, keys, report, where)
        if point:
            yield point


def verify_archive(path, files, keys, report, jobs):
    with contextlib.closing(Archive(path, report)) as archive:
        return verify_volumes(archive, files, keys, report, jobs)


def verify_volumes(archive, files, keys, report, jobs):
    marks, events = collections.defaultdict(list), Events(report, 0, archive=True)
    progress, wrong, origins = Progress(), {}, set()
    with_subtrees = any(True for _ in archive.all('subtree', '1', 'level'))
    named = [row[0] for row in archive.all('archive_id', bytes_of('id'), 'id')]
    covered = 0
    for kind, points in [('ROOT_MISMATCH', archive.checkpoints(keys))] + [
            ('CKPT_INCONSISTENT', published(name, keys, report)) for name in files]:
        for point in points:
            marks[point.size].append((kind, point))
            covered = max(covered, point.size)
            base = re.match('(.*/archive/([0-9a-f]{16}))?', point.origin)
            origins.add(base[1])
            if base[1] is None or len(origins) > 1 or named and base[2].encode() not in named:
                report('CKPT_INCONSISTENT', 'of %s, another archive' % point.origin, where=point.where)
    for chunk in spread(examine_rows, chunked(archive.rows()), jobs):
        for event in chunk:
            made = [] if events.tree.size & 255 == 255 else None
            events.add(event, made)
            size = events.tree.size
            for height, digest in made or () if with_subtrees else ():
                if height % 8 == 0:
                    kept = archive.subtree(height // 8, (size >> height) - 1)
                    if kept != digest.hex().encode() and (kept or size <= covered):
                        report('INDEX_STALE', 'subtree %d of level %d' % ((size >> height) - 1, height // 8), event.seq)
            for kind, point in marks.pop(size, ()) if not events.torn else ():
                if (point.root != events.tree.root()) and not wrong.get(kind):
                    report(kind, 'the leaves do not give its root', where=point.where)
                wrong[kind] = point.root != events.tree.root()
        progress(events.count)
    events.finish()
    behind = max((size for size in marks if size > events.expected), default=None)
    if behind:
        report('TRUNCATED', '%d events; %s is over %d' % (events.expected, marks[behind][0][1].where, behind))
    heads = {src.decode('utf-8', 'replace'): (sn, digest) for src, sn, digest in archive.all(
        'head', '%s, sn, %s' % (bytes_of('src'), bytes_of('hash')), 'src')}
    for name, chain in events.sources.chains.items():
        if heads.pop(name, None) != (chain.number, chain.digest.hex().encode()):
            report('INDEX_STALE', 'head of source %s' % name, chain.seq)
    for name in heads:
        report('INDEX_STALE', 'head of source %s, which has no event' % name)
    archive.check_manifests()
    return 'archive %s: %d events, %d of them under a checkpoint' % (
        ', '.join(str(o) for o in origins), events.count, min(covered, events.count))
