# SPDX-License-Identifier: Apache-2.0
"""hansard.toml as a dict."""


def toml(config):
    def value(v):
        if isinstance(v, bool):
            return 'true' if v else 'false'
        if isinstance(v, (list, tuple)):
            return '[%s]' % ', '.join(value(x) for x in v)
        if isinstance(v, int):
            return str(v)
        return '"%s"' % str(v).replace('\\', '\\\\').replace('"', '\\"')
    lines = ['%s = %s' % (k, value(v)) for k, v in config.items() if not isinstance(v, dict)]
    for section, entries in config.items():
        if isinstance(entries, dict):
            lines.append('[%s]' % section)
            lines += ['%s = %s' % (k, value(v)) for k, v in entries.items()]
    return '\n'.join(lines) + '\n'


def merged(base, more):
    result = {k: dict(v) if isinstance(v, dict) else v for k, v in base.items()}
    for k, v in more.items():
        if isinstance(v, dict):
            result.setdefault(k, {}).update(v)
        else:
            result[k] = v
    return result
