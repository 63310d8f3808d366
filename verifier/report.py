# SPDX-License-Identifier: Apache-2.0
"""How findings are told, and how work is shared among processes."""
import collections
import json
import multiprocessing
import sys
import time

CHUNK = 500  # events handed to another process at once


class Report:
    def __init__(self):
        self.count, self.modified, self.signers, self.foreign = 0, set(), set(), set()
        self.withheld = 0

    def __call__(self, finding, text, seq=None, where=None, information=False):
        if finding == 'LEAF_MODIFIED':
            if seq in self.modified:
                return
            self.modified.add(seq)
        line = {'finding': finding, 'information': information, 'text': text}
        line.update({k: v for k, v in (('seq', seq), ('where', where)) if v is not None})
        print(json.dumps(line, sort_keys=True, ensure_ascii=False))
        self.count += not information

    def part(self, seq, problem, where=None):
        finding, text, information = problem
        self.withheld += finding == 'PART_REDACTED'
        self(finding, text, seq, where, information)


def spread(function, chunks, jobs):
    """function(chunk) in order, by several processes, with few chunks on their way."""
    if jobs < 2:
        yield from map(function, chunks)
        return
    with multiprocessing.Pool(jobs) as pool:
        waiting = collections.deque()
        for chunk in chunks:
            waiting.append(pool.apply_async(function, (chunk,)))
            if len(waiting) > 3 * jobs:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()


def chunked(items, size=CHUNK):
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    yield chunk


class Progress:
    def __init__(self):
        self.next = time.monotonic() + 2 if sys.stderr.isatty() else float('inf')

    def __call__(self, n):
        if time.monotonic() > self.next:
            self.next = time.monotonic() + 1
            print('\r%d events ' % n, end='', file=sys.stderr, flush=True)
