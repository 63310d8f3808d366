// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/element_reader.h"

#include <cstdint>
#include <utility>

#include "xmpp/ns.h"
#include "xmpp/parser/stream_parser.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

constexpr std::size_t any = SIZE_MAX / 2;  // it was measured when it came
constexpr ParserLimits limits{any, any, any, any, any};

}  // namespace

struct ElementReader::Impl final : StreamParser::Handler {
  Impl() : parser(*this, limits) { parser.feed(stream_header(ns::client, "", "", "")); }

  using Flow = StreamParser::Flow;
  Flow on_stream_open(const StreamHeader&) override { return Flow::go_on; }
  Flow on_stanza(Element stanza) override {
    ++count;
    found = std::move(stanza);
    return Flow::go_on;
  }
  void on_stream_close() override { ended = true; }
  void on_stream_error(const StreamError&) override { ended = true; }

  std::optional<Element> found;
  std::size_t count = 0;
  bool ended = false;
  StreamParser parser;
};

ElementReader::ElementReader() = default;
ElementReader::~ElementReader() = default;

std::optional<Element> ElementReader::read(std::string_view xml) {
  if (!impl_) impl_ = std::make_unique<Impl>();
  impl_->count = 0;
  impl_->found.reset();
  impl_->parser.feed(xml);
  auto found = std::exchange(impl_->found, std::nullopt);
  if (impl_->count == 1 && !impl_->ended && !impl_->parser.mid_stanza()) return found;
  impl_.reset();  // nobody knows what state it is in
  return std::nullopt;
}

}  // namespace xmpp
