// SPDX-License-Identifier: Apache-2.0
// ClientStream: one client's connection, from accept to the end (RFC 6120). It lives on one shard;
// when somebody has authenticated, their connection moves to the shard of their account and a new
// ClientStream goes on there.
//
//   state         the client is expected to            leaves to
//   opening       send its stream header               negotiating, binding (when authenticated)
//   handshaking   complete the TLS handshake           opening
//   negotiating   send <starttls/> or <auth/>          handshaking, exchanging, waiting
//   exchanging    send <response/>                     waiting
//   waiting       wait: credentials, a worker, a       exchanging, negotiating, leaving, opening,
//                 penalty, a session that is resumed;  binding, bound
//                 nothing is read
//   leaving       wait: it moves; nothing is read      (another ClientStream)
//   binding       ask for a resource, or for the       bound, waiting
//                 session it had
//   bound         send stanzas                         –
//   closing       go away                              –
//
// From every state to closing: the client's </stream:stream>, a stream error, the connection's end.
// client_stream.cpp: life and reading; _sasl.cpp: STARTTLS and authentication; _register.cpp: new
// accounts; _bind.cpp: binding and stanzas; _resume.cpp: stream management.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/c2s/bucket.h"
#include "bridge/c2s/host.h"
#include "bridge/c2s/recipients.h"
#include "bridge/c2s/session/bound_session.h"
#include "bridge/stanza_rules.h"
#include "net/tcp/connection.h"
#include "xmpp/parser/stream_parser.h"

namespace bridge::c2s {

struct Negotiation;

class ClientStream final : public net::Connection::Handler,
                           public xmpp::StreamParser::Handler,
                           public std::enable_shared_from_this<ClientStream> {
 public:
  enum class State : std::uint8_t {
    opening,
    handshaking,
    negotiating,
    exchanging,
    waiting,
    leaving,
    binding,
    bound,
    closing
  };

  // Owned by shared_ptr; then begin() or go_on() once. The host must outlive it.
  explicit ClientStream(Host& host);
  ~ClientStream();
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  // A connection just accepted.
  void begin(std::unique_ptr<net::Connection> connection, std::unique_ptr<Admission::Ticket> ticket,
             bool direct_tls);
  // One that moved here; false: it broke on the way, nothing comes of this stream.
  [[nodiscard]] bool go_on(Handover handover);

  State state() const { return state_; }
  // Whose it is, or is about to be: somebody logs in as this account.
  bool belongs_to(const xmpp::Jid& account) const;
  // Ends the stream with an error; no-op when it is over.
  // `detail`: see stream_error().
  void fail(xmpp::StreamCondition condition, std::string text = {},
            const xmpp::Element* detail = nullptr);
  // The configuration may have changed.
  void apply_config();
  // Every few seconds: a stream that was quiet since the last time gives memory back.
  void sweep();
  // The peer has not taken what we send for two sweeps, and sent nothing.
  bool stale() const { return stalled_ >= 2; }

  // ---- for the session
  void claim_settled();  // it asked for a session, which is now ready to be resumed
  void claim_lost();     // or over
  void let_go();         // another stream has resumed its session

 private:
  friend class BoundSession;
  using Flow = xmpp::StreamParser::Flow;

  // net::Connection::Handler
  void on_read(std::string_view bytes) override;
  void on_tls_established() override;
  void on_closed(net::CloseReason reason) override;
  // xmpp::StreamParser::Handler
  Flow on_stream_open(const xmpp::StreamHeader& header) override;
  Flow on_stanza(xmpp::Element stanza) override;
  void on_stream_close() override;
  void on_stream_error(const xmpp::StreamError& error) override;

  // ---- reading
  void new_stream();  // the next header is awaited
  void advance(xmpp::StreamParser::Status status);
  void become_next();
  void resume();
  void hold_reading();
  void go_on_reading();
  void resume_after(base::Micros delay);
  void start_deadline();

  // ---- what may be sent when
  void dispatch(xmpp::Element& element);
  bool authenticated() const { return !account_.empty(); }
  bool identity_changed(const xmpp::StreamHeader& header);
  void send_header(std::string_view to, std::string_view from);
  void send_features();
  void send_xml(const xmpp::Element& element);
  void unexpected(const xmpp::Element& element);

  // ---- TLS and SASL
  void start_tls(const xmpp::Element& starttls);
  void authenticate(const xmpp::Element& element);
  void start_exchange(const xmpp::Element& auth);
  void perform(SaslStep step);
  void look_up();
  void check_password();
  void on_step(SaslStep step);  // after waiting
  void refuse_sasl(xmpp::SaslCondition condition);
  void send_failure(xmpp::SaslCondition condition);
  void succeed(const std::string& data);
  void depart();

  // ---- registration
  bool offers_registration() const;
  bool is_registration(const xmpp::Element& element) const;
  void register_account(const xmpp::Element& iq);
  void registered(const xmpp::Element& iq, const std::optional<xmpp::StanzaError>& error);

  // ---- binding and stanzas
  void bind_or_answer(xmpp::Element& stanza);
  void bind(const xmpp::Element& iq);
  void note_opened(SessionJournal::How how);
  void refuse_bind(const xmpp::Element& iq, const xmpp::StanzaError& error);
  std::optional<xmpp::Jid> choose_jid(const std::string& resource);
  bool give_way(const xmpp::Jid& wanted);
  bool too_many_recipients(const xmpp::Element& stanza);
  void from_session(xmpp::Element stanza);
  bool is_bind(const xmpp::Element& stanza) const;

  // ---- stream management and client states
  void manage(const xmpp::Element& element);
  void acknowledge(const xmpp::Element& a);
  bool check_ack(std::uint32_t h, Outbound::Ack ack, const BoundSession& session);
  void enable(const xmpp::Element& request);
  void refuse_management(xmpp::Condition condition, std::optional<std::uint32_t> h = std::nullopt);
  void ask_resumption(const xmpp::Element& request);
  void claim_session();
  void give_up_claim();
  void complete_claim();
  void indicate(const xmpp::Element& element);

  // ---- the end
  void shut(std::string_view why, BoundSession::End end);
  void end_session(std::string_view why, BoundSession::End end);

  enum class Next : std::uint8_t { nothing, handshake, restart, depart };

  Host& host_;
  std::shared_ptr<const Config> config_;
  std::unique_ptr<net::Connection> connection_;
  std::unique_ptr<xmpp::StreamParser> parser_;
  std::unique_ptr<Negotiation> negotiation_;  // until bound
  std::unique_ptr<net::Timer> pause_;         // while the client sends too fast
  xmpp::Jid account_;                         // bare; empty until authenticated
  std::string lang_;                          // of the client's stream header, "" if none
  std::shared_ptr<BoundSession> session_;     // bound
  Bucket stanzas_, joins_;
  Recipients recipients_;
  base::Micros wait_ = 0;  // before the next stanza
  State state_ = State::opening;
  Next next_ = Next::nothing;  // once the parser has returned
  std::size_t turn_left_ = 0;
  bool header_sent_ = false;
  bool held_ = false;   // reading is
  bool heard_ = false;  // anything, since the last sweep
  std::uint8_t stalled_ = 0;
};

}  // namespace bridge::c2s
