// SPDX-License-Identifier: Apache-2.0
// StreamParser: bytes of an XML stream in (RFC 6120 §4), whole stanzas out. The same bytes give the
// same calls however they are cut. Over expat, with the limits expat lacks. Owns no socket; one
// thread at a time.
//
// Call order:  open (stanza)* (close | error)?     nothing after close or error
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "xmpp/element.h"
#include "xmpp/errors/stream_error.h"

namespace xmpp {

struct ParserLimits {
  std::size_t stanza_bytes = 262144;  // one top-level element, from '<' to '>'      LIM-STZ-C2S
  std::size_t elements = 5000;        // elements in it, itself included             LIM-EL
  std::size_t depth = 64;             // nesting inside the stream, stanza = 1       LIM-DEPTH
  std::size_t token_bytes = 16384;    // one unfinished token                        LIM-TOKEN
  std::size_t attributes = 64;        // attributes and xmlns declarations of one    LIM-ATTR
};

struct StreamHeader {
  std::string ns;  // default namespace: jabber:client, jabber:server …
  std::string to, from, id, version, lang;
  bool has_to = false;  // present at all, even empty
  bool has_version = false;
};

class StreamParser {
 public:
  enum class Flow { go_on, pause };

  // Called from feed() and resume() only. A handler must not destroy the parser; it may pause.
  class Handler {
   public:
    virtual Flow on_stream_open(const StreamHeader& header) = 0;
    virtual Flow on_stanza(Element stanza) = 0;
    virtual void on_stream_close() = 0;
    virtual void on_stream_error(const StreamError& error) = 0;

   protected:
    ~Handler() = default;
  };

  // `handler` must outlive the parser.
  StreamParser(Handler& handler, const ParserLimits& limits);
  ~StreamParser();
  StreamParser(const StreamParser&) = delete;
  StreamParser& operator=(const StreamParser&) = delete;

  enum class Status {
    ok,      // all consumed, wants more
    paused,  // a handler said pause: call resume(), or take_rest() and discard the parser
    ended,   // the stream closed or failed; feed no more
  };
  Status feed(std::string_view bytes);
  Status resume();
  // While paused: the bytes fed but not yet consumed. The parser must not be used afterwards.
  std::string take_rest();

  void set_limits(const ParserLimits& limits);  // from the next stanza on

  // Between stanzas: frees expat's memory (about 10 KiB) until bytes come again. No-op in the
  // middle of one.
  void hibernate();
  bool mid_stanza() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Start-up self-check of the expat that was loaded: a DOCTYPE must be refused and a stanza cut in
// three must come out at once (BI-CFG-13). Empty when well, else what is wrong.
std::string check_expat();

}  // namespace xmpp
