// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/read_stanza.h"

#include <utility>

#include "xmpp/ns.h"
#include "xmpp/parser/stream_parser.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

class Reader final : StreamParser::Handler {
 public:
  static std::optional<Element> read(std::string_view stanza) {
    Reader reader;
    constexpr std::size_t header = 1000;
    const std::size_t all = stanza.size() + header;  // nothing in it can be more than that
    StreamParser parser(reader, ParserLimits{all, all, all, all, all});
    parser.feed(stream_header(ns::client, "", "", ""));
    parser.feed(stanza);
    return reader.count_ == 1 ? std::move(reader.found_) : std::nullopt;
  }

 private:
  using Flow = StreamParser::Flow;
  Flow on_stream_open(const StreamHeader&) override { return Flow::go_on; }
  Flow on_stanza(Element stanza) override {
    ++count_;
    found_ = std::move(stanza);
    return Flow::go_on;
  }
  void on_stream_close() override { count_ = 0; }
  void on_stream_error(const StreamError&) override { count_ = 0; }

  std::optional<Element> found_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<Element> read_stanza(std::string_view stanza) { return Reader::read(stanza); }

}  // namespace xmpp
