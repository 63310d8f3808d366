// SPDX-License-Identifier: Apache-2.0
// probe: a synthetic transaction against any XMPP server, as two real clients make it (libstrophe):
// both log in, enter a room, each says something and sees its own and the other's message, both
// leave. Tells of each step how it went and how long it took.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "xmpp/jid.h"

namespace probe {

enum class Tls : std::uint8_t {
  starttls,
  direct,  // from the first byte (XEP-0368)
  none,    // passwords and messages readable on the way
};

struct User {
  xmpp::Jid jid;  // bare
  std::string password;
};

struct Options {
  std::string host;
  std::uint16_t port = 0;
  Tls tls = Tls::starttls;
  std::string ca_file;    // PEM, besides the system's; "" for none
  bool insecure = false;  // any certificate will do
  User first, second;     // two accounts
  xmpp::Jid room;         // bare
  std::string room_password;
  base::Micros timeout = base::seconds(60);       // for all steps
  base::Micros step_timeout = base::seconds(10);  // for each of them
};

struct Step {
  enum class Result : std::uint8_t { ok, failed, skipped };
  std::string_view name;  // for programs: "login_1"; one of a fixed list
  std::string what;       // for people: "romeo@localhost logs in"
  Result result = Result::skipped;
  base::Micros took = 0;  // until it ended; of a message: from sending it
  std::string error;      // of a failed step: one sentence, what is wrong and what to do
};

struct Report {
  std::vector<Step> steps;  // always all of them, in order
  base::Micros took = 0;
  bool room_made = false;      // it was not there before
  std::string room_left;       // a sentence if a room that was made could not be removed again
  bool ok() const;             // no step failed, none was skipped
  const Step* failed() const;  // the first that failed; nullptr if none
};

// Blocks, but ends: at the latest three seconds after `timeout`. The clients run in a child
// process, because libstrophe waits without limit for a server that falls silent in the TLS
// handshake or for a name server; the child is killed when its step is over time. Call with one
// thread only.
Report run(const Options& options);

}  // namespace probe
