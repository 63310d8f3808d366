#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what Hansard's archive gave out, with nothing but this folder and a public key.

  verify.py DIR --key KEY                        an export, or the proof for one event
  verify.py --archive archive.db --key KEY       a whole archive on SQLite

What is checked, and against what, says docs/archive-format.md; nothing here comes from the server's code. Each
finding is a line of JSON on stdout; then comes one plain line. Exit status: 0 clean, 1 findings, 2 usage,
3 it cannot be decided."""
import argparse
import binascii
import hashlib
import json
import os
import re
import sqlite3
import sys

from evidence import open_checkpoint, open_note, read_key, root_of_path, unbase64
from leaves import Event, Events, examine, read_leaf
from manifest import read_manifest
from report import Progress, Report, chunked, spread
from whole_archive import verify_archive


def load(folder, name, report):
    try:
        with open(os.path.join(folder, name), 'rb') as file:
            return file.read()
    except FileNotFoundError:
        report('FILE_MISSING', 'it is not there', where=name)


def verify_bundle(folder, keys, report):
    leaf, proof = load(folder, 'event.leaf', report), load(folder, 'event.tlog-proof', report)
    if leaf is None or proof is None:
        return ''
    head, empty, note = proof.partition(b'\n\n')
    point = open_checkpoint(note, keys, report, 'event.tlog-proof')
    index, parts = None, {}
    try:
        version, index, *path = head.decode('ascii').split('\n')
        if version != 'c2sp.org/tlog-proof@v1' or not re.fullmatch('index (0|[1-9][0-9]{0,15})', index):
            raise ValueError('not a proof of version 1')
        index = int(index[6:])
        path = [unbase64(line, 32) for line in path]
    except ValueError as e:
        report('FILE_MODIFIED', str(e), where='event.tlog-proof')
        path = None
    for name in sorted(os.listdir(os.path.join(folder, 'parts'))) if os.path.isdir(folder + '/parts') else ():
        n, _, kind = name.partition('.')
        if not re.fullmatch('0|[1-9][0-9]{0,8}', n) or kind not in ('salt', 'data'):
            report('FILE_MODIFIED', 'a file that belongs to no part', where='parts/' + name)
            continue
        parts.setdefault(int(n), {})[kind] = load(folder, 'parts/' + name, report)
    for n in [n for n, part in parts.items() if len(part) == 1]:
        report('PART_MISSING', 'salt and data of part %d belong together' % n, index, 'parts/%d' % n)
        del parts[n]
    try:
        named = read_leaf(leaf)['parts']
        given = {n: (part['salt'], part['data']) for n, part in parts.items()}
        withheld = {n: (None, None) for n in range(len(named)) if n not in parts}
    except (ValueError, KeyError, TypeError, RecursionError):
        given, withheld = {}, {}
    event = examine(index, leaf, {**given, **withheld})
    for finding, text, information in event.problems:
        n = re.search('part ([0-9]+)', text)
        where = 'parts/%s' % n[1] if n else 'event.leaf'
        report.part(index, (finding, text, information), where)
    if point and path is not None and root_of_path(index, point.size, event.hash, path) != point.root:
        report('ROOT_MISMATCH', 'the leaf and its path do not lead to the signed root', index,
               'event.leaf, event.tlog-proof')
    return 'leaf %s of %d leaves, %d parts checked, %d withheld; %s' % (
        index, point.size if point else 0, len(given), report.withheld, point and point.origin)


def read_line(data):
    """seq, leaf, parts and path of a line of events.jsonl; ValueError, KeyError or TypeError if it is none."""
    line, parts = json.loads(data), {}
    for part in line['parts']:
        if len(part) == 2 and part['erased'] is True:
            parts[part['n']] = None, None
        elif len(part) == 3:
            parts[part['n']] = binascii.a2b_base64(part['salt']), part['data'].encode()
    if len(parts) != len(line['parts']) or {int} != {type(line['seq']), *map(type, parts)} or \
            type(line['parts']) is not list or line.keys() - {'proof'} != {'seq', 'leaf', 'parts'} or \
            data[-1:] != b'\n':
        raise ValueError('not a line of version 1')
    path = [unbase64(other, 32) for other in line['proof']] if 'proof' in line else None
    return line['seq'], line['leaf'].encode(), parts, path


def examine_lines(job):
    room, lines = job
    events = []
    for number, data in lines:
        try:
            events.append(examine(*read_line(data), room=room))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
            events.append(Event(None, b'', None, None, None, None, None,
                                [('FILE_MODIFIED', 'line %d: %r' % (number + 1, e), False)]))
    return events


def open_manifest(folder, keys, report):
    """The manifest, if it is one; that it is signed, and the files as it says, is checked."""
    text, note = load(folder, 'manifest.json', report), load(folder, 'manifest.note', report)
    point = load(folder, 'checkpoint.note', report)
    point = open_checkpoint(point, keys, report, 'checkpoint.note') if point is not None else None
    signed = open_note(note, keys, report, 'manifest.note')[0] if note is not None else None
    if text is None:
        return None, None
    try:
        m = read_manifest(text)
    except ValueError as e:
        report('FILE_MODIFIED', 'no manifest: %s' % e, where='manifest.json')
        return None, point
    if signed not in (None, 'hansard-export-1\n%s\n%s\n' % (m['origin'], hashlib.sha256(text).hexdigest())):
        report('FILE_MODIFIED', 'what is signed is another manifest', where='manifest.json')
    if point and (point.origin, point.size, point.root) != (m['origin'], m['size'], m['root']):
        report('CKPT_INCONSISTENT', 'the manifest is over another checkpoint', where='checkpoint.note')
    for file in m['files']:
        digest, size = hashlib.sha256(), 0
        try:
            with open(os.path.join(folder, file['name']), 'rb') as opened:
                while block := opened.read(1 << 20):
                    digest.update(block)
                    size += len(block)
            if (size, digest.hexdigest()) != (file['bytes'], file['sha256']):
                report('FILE_MODIFIED', 'its size or its SHA-256 is not what the manifest says', where=file['name'])
        except FileNotFoundError:
            if file['name'] == 'events.jsonl':
                report('FILE_MISSING', 'it is not there', where=file['name'])
    return m, point


def verify_export(folder, keys, report, jobs):
    m, point = open_manifest(folder, keys, report)
    path = os.path.join(folder, 'events.jsonl')
    if m is None or point is None or not os.path.exists(path):
        return ''
    room, first, last, size = m.get('room'), m['first'], m['last'], point.size
    events, progress, end = Events(report, first, room), Progress(), None
    for height in range(first.bit_length() - 1, -1, -1):
        if first >> height & 1 and not room and m['left']:
            events.tree.push(m['left'].pop(0), height)
    with open(path, 'rb') as file:
        for chunk in spread(examine_lines, ((room, lines) for lines in chunked(enumerate(file))), jobs):
            for event in chunk:
                if event.seq is None:
                    events.torn = True
                    for problem in event.problems:
                        report.part(None, problem, 'events.jsonl')
                    continue
                events.add(event)
                if room and event.proof is not None and \
                        root_of_path(event.seq, size, event.hash, event.proof) != point.root:
                    report('ROOT_MISMATCH', 'its path does not lead to the signed root', event.seq)
                elif room and event.proof is None and event.room is None:
                    report('ROOT_MISMATCH', 'a leaf outside the chain of the room, without a path', event.seq)
                end = event if event.room else end
            progress(events.count)
    events.finish()
    if events.expected > last + 1:
        report('SEQ_GAP', 'events behind %d' % last, events.expected - 1)
    if events.count < m['events'] or not room and events.expected <= last:
        report('TRUNCATED', '%d events of %d, up to %d of %d' % (events.count, m['events'], events.expected - 1, last))
        events.torn = True
    elif events.count > m['events']:
        report('FILE_MODIFIED', 'more events than the manifest says', where='events.jsonl')
        events.torn = True
    if room and end and end.proof is None:
        report('ROOT_MISMATCH', 'the last leaf of the room has no path', end.seq)
    if not room and not events.torn:
        at = last + 1
        for digest in m['right']:
            height = min((at & -at).bit_length() - 1 if at else 64, (size - at).bit_length() - 1)
            if height >= 0:
                events.tree.push(digest, height)
            at += 1 << max(height, 0)
        if m['left'] or events.tree.size != size or at != size or events.tree.root() != point.root:
            report('ROOT_MISMATCH', 'the leaves with what is beside them do not give the signed root')
    return '%s: %d events, %d to %d of %s, in a tree of %d; export %d' % (
        'room ' + room if room else 'range', events.count, first, last, point.origin, size, m['number'])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', nargs='?', metavar='DIR', help='an export, or the proof for one event')
    parser.add_argument('--archive', metavar='FILE', help='a whole archive; its sealed volumes are found beside it')
    parser.add_argument('--checkpoints', metavar='FILE', action='append', default=[],
                        help='published or kept checkpoints, for --archive')
    parser.add_argument('--key', metavar='KEY', action='append', default=[],
                        help='a public key NAME+ID+KEY, or a file of such lines; not the archive.pub of DIR')
    parser.add_argument('--jobs', metavar='N', type=int, default=len(os.sched_getaffinity(0)), help='processes')
    options = parser.parse_args(arguments)
    if (options.folder is None) == (options.archive is None) or options.checkpoints and options.folder:
        parser.error('either DIR, or --archive with or without --checkpoints')
    report, keys, summary = Report(), {}, ''
    try:
        for given in options.key:
            lines = [given]
            if os.path.exists(given):
                with open(given, encoding='utf-8') as file:
                    lines = file.read().split('\n')
            keys.update(read_key(line) for line in lines if line.strip())
    except ValueError as e:
        parser.error('%s: no key: %s' % (given, e))
    try:
        if not keys:
            raise OSError('no key: say with --key whom to trust')
        if options.archive:
            summary = verify_archive(options.archive, options.checkpoints, keys, report, options.jobs)
        elif os.path.exists(os.path.join(options.folder, 'event.tlog-proof')) or \
                os.path.exists(os.path.join(options.folder, 'event.leaf')):
            summary = verify_bundle(options.folder, keys, report)
        elif os.path.isdir(options.folder):
            summary = verify_export(options.folder, keys, report, options.jobs)
        else:
            raise OSError('%s is not a folder' % options.folder)
        if not report.count and not report.signers:
            raise OSError('nothing in it is signed')
    except (OSError, sqlite3.Error) as e:
        print('it cannot be decided: %s' % e, file=sys.stderr)
        return 3 if not report.count else 1
    print('%d findings' % report.count if report.count else 'OK %s; signed by %s' % (
        summary, ', '.join(sorted(report.signers))))
    return 1 if report.count else 0


if __name__ == '__main__':
    sys.exit(main())
