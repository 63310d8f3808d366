# SPDX-License-Identifier: Apache-2.0
"""Reads Prometheus' text format 0.0.4, strictly, as `promtool check metrics` would."""

import math
import re

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
HELP = re.compile(r'# HELP (%s) ((?:[^\\\n]|\\\\|\\n)*)\Z' % NAME)
TYPE = re.compile(r'# TYPE (%s) (counter|gauge|histogram)\Z' % NAME)
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
ONE_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(r'(%s)(?:\{(%s(?:,%s)*)\})? (\S+)\Z' % (NAME, ONE_LABEL, ONE_LABEL))
NUMBER = re.compile(r'(?:[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|NaN|[-+]Inf)\Z')


class Wrong(Exception):
    pass


class Family:
    def __init__(self, name, help_text):
        self.name, self.help, self.type = name, help_text, None
        self.samples = {}  # (name, labels as sorted pairs) → number

    def value(self, **labels):
        return self.samples[(self.name, tuple(sorted(labels.items())))]

    def total(self):
        return sum(self.samples.values())


def number(text):
    if not NUMBER.match(text):
        raise Wrong('%r is no number' % text)
    return float(text.replace('Inf', 'inf'))


def parse(text):
    """name → Family. Every family has help, type and its samples in one block, no sample comes
    twice, counters end in _total and are not negative, histograms add up."""
    if not text.endswith('\n') or '\r' in text:
        raise Wrong('lines end in LF, the last one too')
    families, current = {}, None
    for line in text[:-1].split('\n'):
        help_line, type_line = HELP.match(line), TYPE.match(line)
        if help_line:
            if help_line[1] in families:
                raise Wrong('%s comes twice' % help_line[1])
            current = families[help_line[1]] = Family(*help_line.groups())
        elif type_line:
            if current is None or current.name != type_line[1] or current.type is not None:
                raise Wrong('%r does not follow its help' % line)
            current.type = type_line[2]
        else:
            add_sample(current, line)
    for family in families.values():
        check(family)
    return families


def add_sample(family, line):
    sample = SAMPLE.match(line)
    if not sample:
        raise Wrong('%r is no sample' % line)
    name, labels, value = sample.groups()
    if family is None or family.type is None:
        raise Wrong('%r comes before its type' % line)
    allowed = {family.name}
    if family.type == 'histogram':
        allowed = {family.name + end for end in ('_bucket', '_sum', '_count')}
    if name not in allowed:
        raise Wrong('%r is not among its family %s' % (line, family.name))
    pairs = re.findall(LABEL, labels or '')
    if len({key for key, _ in pairs}) != len(pairs):
        raise Wrong('a label twice in %r' % line)
    key = (name, tuple(sorted(pairs)))
    if key in family.samples:
        raise Wrong('%r comes twice' % line)
    family.samples[key] = number(value)


def check(family):
    if family.type is None:
        raise Wrong('%s has no type' % family.name)
    if not family.help:
        raise Wrong('%s has no help' % family.name)
    if (family.type == 'counter') != family.name.endswith('_total'):
        raise Wrong('%s: counters end in _total, and only they' % family.name)
    if family.type == 'counter' and any(not value >= 0 for value in family.samples.values()):
        raise Wrong('%s is negative' % family.name)
    if family.type == 'histogram':
        check_histogram(family)


def check_histogram(family):
    buckets = sorted((number(dict(labels)['le']), value) for (name, labels), value
                     in family.samples.items() if name == family.name + '_bucket')
    counts = [value for _, value in buckets]
    if not buckets or not math.isinf(buckets[-1][0]):
        raise Wrong('%s has no bucket for all' % family.name)
    if counts != sorted(counts):
        raise Wrong('%s: buckets are not cumulative' % family.name)
    if family.samples[(family.name + '_count', ())] != counts[-1]:
        raise Wrong('%s: its count is not that of all' % family.name)
    if (family.name + '_sum', ()) not in family.samples:
        raise Wrong('%s has no sum' % family.name)
