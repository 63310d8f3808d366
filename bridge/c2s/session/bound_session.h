// SPDX-License-Identifier: Apache-2.0
// BoundSession: the session of a bound stream, for the router and the rooms. Under stream
// management (XEP-0198) it outlives its connection:
//
//   attached  a stream carries it; what is sent is kept until it is acknowledged
//   away      the connection broke; it stays bound, hears everything and keeps it, until a stream
//             of the same account resumes it, its time is over, too much waits
//             (session/outbound.h), or the account needs its place for another
//   over      the router has forgotten it; it swallows what is sent to it
//
// Without stream management it is over when its stream is, and costs two pointers for what it does
// not use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/receipt.h"
#include "base/time.h"
#include "bridge/c2s/session/csi.h"
#include "bridge/c2s/session/outbound.h"
#include "bridge/session.h"
#include "xmpp/element.h"

namespace bridge::c2s {

class ClientStream;
class Host;

class BoundSession final : public Session, public std::enable_shared_from_this<BoundSession> {
 public:
  BoundSession(ClientStream& stream, xmpp::Jid jid, std::string token);
  ~BoundSession() override;

  bool open() const override { return stream_ != nullptr || away(); }
  void send(const base::Payload& payload) override;
  void send(const xmpp::Element& stanza) override;
  bool stale() const override;
  void end(xmpp::StreamError error) override;

  // ---- for its stream
  // The client sent a stanza. The receipt is empty without stream management.
  base::Receipt receive();
  enum class End {
    closed,   // attached, with the whole server: there is nobody left to tell
    lost,     // what is not acknowledged goes to others or back (XEP-0198 §4)
    revoked,  // the same, and nobody is told afterwards how far it came
  };
  void finish(Host& host, std::string_view why, End end);
  // Its connection is gone. False: it cannot be resumed and has to end.
  [[nodiscard]] bool go_away();
  static End how(xmpp::StreamCondition condition);  // a stream error ends it
  bool away() const;
  base::Time away_since() const;  // if it is
  // Every few seconds while attached. `heard`: the client said something since.
  void sweep(bool heard);

  // ---- XEP-0198
  bool managed() const { return managed_ != nullptr; }
  xmpp::Element enable(Host& host, bool resumable, base::Micros time);  // <enabled/>
  base::Micros pace_acks(std::size_t per_second, std::size_t burst);    // before the next is read
  void answer_request();                                                // <r/>
  Outbound::Ack check(std::uint32_t h) const;
  Outbound::Ack acknowledge(std::uint32_t h);
  std::uint32_t sent() const;
  // How long a resumption has to wait because there were too many.
  base::Micros pace_resumption();
  bool resumable() const;
  // `stream` wants to go on with it, which is resumable. A stream that has it, or wanted it before,
  // ends with a conflict. True: all that was read from the connection before is done with.
  // Otherwise stream.claim_settled() comes when it is, or claim_lost() when the session is over.
  bool claim(ClientStream& stream);
  std::uint32_t handled() const;                       // h for the client
  void attach(ClientStream& stream, std::uint32_t h);  // sends again what is not in h

  // ---- XEP-0352
  void set_inactive(bool inactive);

 private:
  struct Managed;
  void leave_stream();
  void pass(const base::Payload& payload);
  bool hold(const base::Payload& payload);
  void release_held();
  void ask();
  void send_ack();
  void check_limit();
  void take_settled();
  void on_settled();
  void give_back(Host& host, const std::vector<Outbound::Sent>& lost) const;

  ClientStream* stream_;              // null: away or over
  std::unique_ptr<Managed> managed_;  // null: no stream management, or over
  std::unique_ptr<Held> held_;        // not null: nobody looks at the client
};

}  // namespace bridge::c2s
