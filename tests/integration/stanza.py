# SPDX-License-Identifier: Apache-2.0
"""Names of XMPP, and what tests ask of a stanza. Standard library only."""

import xml.etree.ElementTree as ET

STREAMS = 'http://etherx.jabber.org/streams'
STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'
STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas'
CLIENT = 'jabber:client'
TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
PING = 'urn:xmpp:ping'
MUC = 'http://jabber.org/protocol/muc'
MUC_USER = 'http://jabber.org/protocol/muc#user'
MUC_OWNER = 'http://jabber.org/protocol/muc#owner'
DELAY = 'urn:xmpp:delay'
STANZA_ID = 'urn:xmpp:sid:0'
DISCO_INFO = 'http://jabber.org/protocol/disco#info'


def q(namespace, name):
    return '{%s}%s' % (namespace, name)


def local_name(element):
    return element.tag.rsplit('}', 1)[-1]


def to_text(element):
    return ET.tostring(element, encoding='unicode')


def status_codes(presence):
    return [s.get('code') for s in presence.iter(q(MUC_USER, 'status'))]


def is_room_message(element, room):
    return (element.tag == q(CLIENT, 'message') and element.get('type') == 'groupchat' and
            element.get('from', '').split('/')[0] == room and
            element.find(q(CLIENT, 'body')) is not None)


def is_delayed(element):
    return element.find(q(DELAY, 'delay')) is not None


def error_of(stanza):
    """('type', 'condition') of an error stanza."""
    error = stanza.find(q(CLIENT, 'error'))
    if error is None:
        return None
    for child in error:
        if child.tag.startswith('{%s}' % STANZA_ERRORS) and local_name(child) != 'text':
            return error.get('type'), local_name(child)
    return error.get('type'), None


def stream_condition(element):
    if element.tag != q(STREAMS, 'error'):
        return None
    for child in element:
        if child.tag.startswith('{%s}' % STREAM_ERRORS) and local_name(child) != 'text':
            return local_name(child)
    return ''


def sasl_condition(element):
    if element.tag != q(SASL, 'failure'):
        return None
    for child in element:
        if local_name(child) != 'text':
            return local_name(child)
    return ''
