// SPDX-License-Identifier: Apache-2.0
// SASL for a receiving server, RFC 6120 §6 over GNU SASL: SCRAM-SHA-256, SCRAM-SHA-1 (RFC 5802,
// 7677), their -PLUS forms with tls-exporter (RFC 9266), and PLAIN (RFC 4616). Accounts that do not
// exist take the same steps as those that do and fail where a wrong password fails.
//
// An exchange is a state machine without input or output: each call says what is to be done next.
//
//   start → [challenge → respond]… → lookup → credentials() ─┬ SCRAM → challenge → respond ─┬→
//   success
//                                                            └ PLAIN → check → checked() ───┴→
//                                                            failure
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "bridge/c2s/config.h"
#include "bridge/credentials.h"
#include "xmpp/errors/stream_error.h"

struct Gsasl;
struct Gsasl_session;

namespace bridge::c2s {

// GNU SASL's own state; one for each shard.
class SaslLibrary {
 public:
  SaslLibrary();
  ~SaslLibrary();
  SaslLibrary(const SaslLibrary&) = delete;
  SaslLibrary& operator=(const SaslLibrary&) = delete;
  Gsasl* native() const { return native_; }

 private:
  Gsasl* native_ = nullptr;
};

// What the stream offers when. `exporter`: the connection has channel binding data.
std::vector<std::string> offered_mechanisms(const Config& config, bool encrypted, bool exporter);
bool is_plus(std::string_view mechanism);

struct SaslStep {
  enum class Kind {
    challenge,  // send `data`, then respond()
    lookup,     // find localpart(), then credentials()
    check,      // run take_check() on a worker, then checked()
    success,    // send `data`
    failure,    // send `condition`
  };
  Kind kind = Kind::failure;
  std::string data = {};  // not encoded
  xmpp::SaslCondition condition = xmpp::SaslCondition::not_authorized;
};

// A password and what it is compared with.
struct PasswordCheck {
  base::Hash hash = base::Hash::sha256;
  std::string password;
  xmpp::ScramKeys keys;

  bool run() const;  // slow, thread-safe
};

// The keys of an account that does not exist: always the same for the same name, fitting no
// password.
xmpp::ScramKeys fake_keys(const Config& config, base::Hash hash, std::string_view name);

class SaslExchange {
 public:
  // `exporter`: the tls-exporter data if a -PLUS mechanism was offered on this stream, else empty.
  // The library must outlive the exchange.
  SaslExchange(const SaslLibrary& library, std::shared_ptr<const Config> config,
               std::string mechanism, std::string exporter);
  ~SaslExchange();
  SaslExchange(const SaslExchange&) = delete;
  SaslExchange& operator=(const SaslExchange&) = delete;

  // `text`: the character data of <auth/> or <response/>.
  SaslStep start(std::string_view text);
  SaslStep respond(std::string_view text);
  SaslStep credentials(Lookup lookup);
  PasswordCheck take_check() { return std::move(check_); }
  SaslStep checked(bool matches);

  const std::string& mechanism() const { return mechanism_; }
  const std::string& localpart() const { return localpart_; }  // prepared; "" if malformed
  bool account_known() const { return known_; }

 private:
  enum class Phase { first_message, lookup, last_message, check, done };
  struct Callback;
  struct Output {
    int code;
    std::string data;
  };

  SaslStep first_message(std::string message);
  SaslStep identify();
  SaslStep last_message(const std::string& message);
  SaslStep fail(xmpp::SaslCondition condition);
  SaslStep finish(bool proven, std::string data);
  bool restart();
  Output step(const std::string& message);
  const xmpp::ScramKeys& keys() const;
  base::Hash hash() const;

  const SaslLibrary& library_;
  const std::shared_ptr<const Config> config_;
  const std::string mechanism_;
  const std::string exporter_;
  Gsasl_session* session_ = nullptr;
  Phase phase_ = Phase::first_message;
  std::string message_;  // the client's first, replayed when the credentials are there
  std::string name_, authzid_, password_;  // as the client sent them
  bool has_authzid_ = false;
  std::string localpart_;
  bool ready_ = false;  // verifiers_ may be shown to GNU SASL
  bool known_ = false;
  bool disabled_ = false;
  xmpp::ScramVerifiers verifiers_;
  PasswordCheck check_;
};

}  // namespace bridge::c2s
