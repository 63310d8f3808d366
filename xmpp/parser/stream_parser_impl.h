// SPDX-License-Identifier: Apache-2.0
// The inside of StreamParser: feeding and limits are in stream_parser.cpp, what expat reports is
// taken in stream_events.cpp.
#pragma once

#include <expat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xmpp/parser/prolog.h"
#include "xmpp/parser/stream_parser.h"
#include "xmpp/parser/tree_builder.h"

namespace xmpp {

struct FreeExpat {
  void operator()(XML_Parser p) const { XML_ParserFree(p); }
};
using Expat = std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeExpat>;

class StreamParser::Impl {
 public:
  Impl(Handler& handler, const ParserLimits& limits)
      : handler_(handler), limits_(limits), next_limits_(limits) {}

  Status feed(std::string_view bytes);
  Status resume();
  std::string take_rest();
  void set_limits(const ParserLimits& limits);
  void hibernate();
  bool mid_stanza() const { return in_stanza_ || token_start_ != fed_; }

 private:
  enum class State { running, paused, ended };

  Status run(std::string_view bytes);
  void parse(std::string_view helping);
  void give_to_expat(std::string_view helping);
  void after_expat(XML_Status status);
  void wake();
  void set_handlers();
  static Impl& self(void* user) { return *static_cast<Impl*>(user); }

  // The handlers' side.
  void on_start(const char* name, const char** attributes);
  void on_end();
  void on_text(std::string_view text);
  void on_namespace(const char* prefix, const char* uri);
  void on_xml_declaration(const char* version, const char* encoding, int standalone);
  void on_restricted();
  void open_stream(const char* name, const char** attributes);
  void start_element(const char* name, const char** attributes);
  void deliver();
  void close_stream();
  void obey(Flow flow);

  // Errors and limits.
  bool begin_token();
  void on_expat_error();
  bool exceeds(std::int64_t token_start, std::int64_t end) const;
  void fail(StreamError error);
  void fail_too_big() { fail({StreamCondition::policy_violation, "too many bytes"}); }

  // Where expat is: the start of the token it reports, or of the one it has not seen the end of.
  std::int64_t position() const { return expat_base_ + XML_GetCurrentByteIndex(expat_.get()); }
  std::string_view unread(std::int64_t from) const;
  std::string canned_header() const;

  Handler& handler_;
  ParserLimits limits_, next_limits_;
  State state_ = State::running;
  Expat expat_;
  bool in_expat_ = false;
  std::string pending_;  // fed, but not yet given to expat

  // Positions in the stream, in bytes from its start.
  std::int64_t expat_base_ = 0;    // where the present expat's position 0 is
  std::int64_t fed_ = 0;           // end of what expat got
  std::int64_t token_start_ = 0;   // everything before it is done with
  std::int64_t stanza_start_ = 0;  // of the stanza being read; before the stream is open: 0

  Prolog prolog_;
  bool stream_open_ = false;
  bool in_stanza_ = false;
  bool close_pending_ = false;  // the stream's end came in the tag that paused us
  bool renew_expat_ = false;
  std::size_t elements_ = 0;
  std::size_t declarations_ = 0;  // xmlns of the start tag being read
  std::vector<std::pair<std::string, std::string>> header_declarations_;
  TreeBuilder builder_;
};

}  // namespace xmpp
