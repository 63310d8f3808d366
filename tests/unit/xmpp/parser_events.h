// SPDX-License-Identifier: Apache-2.0
// Feeds a stream to a StreamParser and writes down what it said, one line for each call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xmpp/ns.h"
#include "xmpp/parser/stream_parser.h"
#include "xmpp/writer.h"

namespace tests {

inline const std::string stream_start =
    "<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

struct Events final : xmpp::StreamParser::Handler {
  using Flow = xmpp::StreamParser::Flow;

  Flow on_stream_open(const xmpp::StreamHeader& h) override {
    header = h;
    lines.push_back("open " + h.ns + " to=" + h.to + " from=" + h.from + " id=" + h.id +
                    " version=" + h.version + " lang=" + h.lang + (h.has_to ? " t" : "") +
                    (h.has_version ? " v" : ""));
    return flow;
  }
  Flow on_stanza(xmpp::Element stanza) override {
    lines.push_back("stanza " + xmpp::to_xml(stanza, ""));
    stanzas.push_back(std::move(stanza));
    return flow;
  }
  void on_stream_close() override { lines.push_back("close"); }
  void on_stream_error(const xmpp::StreamError& error) override {
    lines.push_back("error " + std::string(xmpp::name(error.condition)));
  }

  std::string last() const { return lines.empty() ? "" : lines.back(); }

  Flow flow = Flow::go_on;
  xmpp::StreamHeader header;
  std::vector<std::string> lines;
  std::vector<xmpp::Element> stanzas;
};

// Feeds `bytes` and resumes for as long as a handler's pause stands.
inline xmpp::StreamParser::Status drive(xmpp::StreamParser& parser, std::string_view bytes) {
  auto status = parser.feed(bytes);
  while (status == xmpp::StreamParser::Status::paused) status = parser.resume();
  return status;
}

inline std::vector<std::string> whole(std::string_view document,
                                      const xmpp::ParserLimits& limits = {}) {
  Events events;
  xmpp::StreamParser parser(events, limits);
  drive(parser, document);
  return events.lines;
}

// The last thing said about a document that was fed whole.
inline std::string verdict(std::string_view document, const xmpp::ParserLimits& limits = {}) {
  const auto lines = whole(document, limits);
  return lines.empty() ? "" : lines.back();
}

// What is said about this text inside a stream.
inline std::string verdict_inside(std::string_view text, const xmpp::ParserLimits& limits = {}) {
  return verdict(stream_start + std::string(text), limits);
}

}  // namespace tests
