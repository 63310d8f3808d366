// SPDX-License-Identifier: Apache-2.0
// A client for tests: blocking, one stream, PLAIN, bind.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.h"
#include "xmpp/parser/stream_parser.h"

namespace tests {

class SocketClient final : xmpp::StreamParser::Handler {
 public:
  SocketClient(const std::string& host, const std::string& port, std::string domain);
  ~SocketClient();
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  // What other servers add that says nothing about rooms is taken out of what comes: the language
  // of the stream, put into stanzas, the presence of rooms themselves, affiliations of absent
  // people.
  void tidy() { tidy_ = true; }
  void log_in(const std::string& account, const std::string& password, const std::string& resource);
  const std::string& jid() const { return jid_; }
  void close();  // ends the stream and waits for the server to do so too

  void send(const xmpp::Element& stanza);
  // The next stanza; nullopt when none has come for `timeout_ms`.
  std::optional<xmpp::Element> receive(int timeout_ms);
  // Sends a ping to `to` and reads up to its answer; what came before it is kept.
  void sync(const std::string& to);
  // What is kept, without reading.
  std::optional<xmpp::Element> take_kept();

 private:
  using Flow = xmpp::StreamParser::Flow;
  Flow on_stream_open(const xmpp::StreamHeader& header) override;
  Flow on_stanza(xmpp::Element stanza) override;
  void on_stream_close() override { ended_ = true; }
  void on_stream_error(const xmpp::StreamError& error) override;

  void open_stream();
  void write(std::string_view bytes);
  bool read(int timeout_ms);  // false: nothing came in time
  xmpp::Element expect(std::string_view what);

  std::string domain_, jid_;
  int socket_ = -1;
  std::unique_ptr<xmpp::StreamParser> parser_;
  std::deque<xmpp::Element> kept_;
  bool ended_ = false;
  bool tidy_ = false;
  int pings_ = 0;
};

}  // namespace tests
