// SPDX-License-Identifier: Apache-2.0
#include <expat.h>

#include <string>
#include <string_view>

#include "xmpp/parser/stream_parser.h"

namespace xmpp {
namespace {

struct Probe final : StreamParser::Handler {
  StreamParser::Flow on_stream_open(const StreamHeader&) override {
    return StreamParser::Flow::go_on;
  }
  StreamParser::Flow on_stanza(Element) override {
    ++stanzas;
    return StreamParser::Flow::go_on;
  }
  void on_stream_close() override {}
  void on_stream_error(const StreamError& error) override { condition = error.condition; }

  int stanzas = 0;
  StreamCondition condition = StreamCondition::undefined_condition;
};

bool refuses_document_type() {
  Probe probe;
  StreamParser parser(probe, {});
  parser.feed("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>");
  return probe.condition == StreamCondition::restricted_xml;
}

bool reports_at_once() {
  Probe probe;
  StreamParser parser(probe, {});
  parser.feed(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
      "<message to='");
  for (int i = 0; i < 3; ++i) parser.feed(std::string(1400, 'x'));
  parser.feed("'/>");
  return probe.stanzas == 1;
}

// "the installed expat_2.5.0"
std::string installed() { return std::string("the installed ") + XML_ExpatVersion(); }

}  // namespace

std::string check_expat() {
  if (!refuses_document_type())
    return installed() + " does not report document types; install another";
  if (!reports_at_once())
    return installed() +
           " holds back stanzas (its reparse deferral cannot be switched off); install another";
  return {};
}

}  // namespace xmpp
