// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/xml.h"

#include <stdexcept>

#include "xmpp/errors/stream_error.h"
#include "xmpp/parser/stream_parser.h"
#include "xmpp/writer.h"

namespace tests {
namespace {

class Collector final : public xmpp::StreamParser::Handler {
 public:
  using Flow = xmpp::StreamParser::Flow;
  Flow on_stream_open(const xmpp::StreamHeader&) override { return Flow::go_on; }
  Flow on_stanza(xmpp::Element stanza) override {
    found.push_back(std::move(stanza));
    return Flow::go_on;
  }
  void on_stream_close() override { closed = true; }
  void on_stream_error(const xmpp::StreamError& error) override {
    problem = xmpp::name(error.condition);
  }

  std::vector<xmpp::Element> found;
  bool closed = false;
  std::string problem;
};

}  // namespace

std::vector<xmpp::Element> parse_xml(std::string_view text) {
  Collector collector;
  xmpp::ParserLimits limits;
  limits.stanza_bytes = 1 << 24;
  limits.token_bytes = 1 << 24;
  limits.elements = 1 << 20;
  xmpp::StreamParser parser(collector, limits);
  std::string stream =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "version='1.0' xmlns:scansion='";
  stream += scansion_ns;
  stream += "'>";
  stream += text;
  stream += "</stream:stream>";
  parser.feed(stream);
  if (!collector.problem.empty() || !collector.closed)
    throw std::runtime_error("not well-formed (" + collector.problem + "): " + std::string(text));
  return std::move(collector.found);
}

xmpp::Element received(const base::Payload& payload, std::string_view to) {
  std::string text = *payload.bytes;
  if (payload.splice_at != base::Payload::no_splice)
    text.insert(payload.splice_at, xmpp::splice_to(to));
  auto elements = parse_xml(text);
  if (elements.size() != 1) throw std::runtime_error("not one stanza: " + text);
  return std::move(elements.front());
}

}  // namespace tests
