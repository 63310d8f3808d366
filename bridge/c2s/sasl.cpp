// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/sasl.h"

#include <gsasl.h>

#include <cstring>
#include <utility>

#include "base/check.h"
#include "xmpp/jid.h"

namespace bridge::c2s {
namespace {

using xmpp::SaslCondition;

constexpr std::size_t password_bytes_max = 1024;  // BI-SASL-13
constexpr std::string_view plus_suffix = "-PLUS";

SaslStep challenge(std::string data) {
  return {.kind = SaslStep::Kind::challenge, .data = std::move(data)};
}

bool is_plain(std::string_view mechanism) { return mechanism == "PLAIN"; }

// RFC 5802 §5.1: an extension that must be understood; GNU SASL calls it malformed. It is not, we
// only know none.
bool demands_extension(std::string_view client_first) {
  const auto comma = client_first.find(',');
  if (comma == std::string_view::npos) return false;
  const auto second = client_first.find(',', comma + 1);
  return second != std::string_view::npos && client_first.substr(second + 1, 2) == "m=";
}

SaslCondition condition_of(int code) {
  switch (code) {
    case GSASL_MECHANISM_PARSE_ERROR:
      return SaslCondition::malformed_request;
    case GSASL_MALLOC_ERROR:
    case GSASL_CRYPTO_ERROR:
      return SaslCondition::temporary_auth_failure;
    default:
      return SaslCondition::not_authorized;
  }
}

std::string property(Gsasl_session* session, Gsasl_property name) {
  const char* value = gsasl_property_fast(session, name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

SaslLibrary::SaslLibrary() { CHECK(gsasl_init(&native_) == GSASL_OK); }
SaslLibrary::~SaslLibrary() { gsasl_done(native_); }

bool is_plus(std::string_view mechanism) { return mechanism.ends_with(plus_suffix); }

std::vector<std::string> offered_mechanisms(const Config& config, bool encrypted, bool exporter) {
  std::vector<std::string> offered;
  if (!encrypted && config.require_tls) return offered;
  for (const std::string& mechanism : config.mechanisms) {
    if (is_plus(mechanism) && !exporter) continue;
    if (is_plain(mechanism) && !encrypted && !config.allow_plain_without_tls) continue;
    offered.push_back(mechanism);
  }
  return offered;
}

bool PasswordCheck::run() const { return xmpp::password_matches(hash, password, keys); }

xmpp::ScramKeys fake_keys(const Config& config, base::Hash hash, std::string_view name) {
  const std::string_view label = hash == base::Hash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
  const auto derive = [&](std::string_view what) {
    std::string text(label);
    text.append(1, '\0').append(what).append(1, '\0').append(name);
    return base::hmac(
        hash == base::Hash::sha1 && what != "salt" ? base::Hash::sha1 : base::Hash::sha256,
        config.fake_salt_key, text);
  };
  return {.salt = derive("salt").substr(0, config.salt_bytes),
          .iterations = config.scram_iterations,
          .stored_key = derive("stored key"),
          .server_key = derive("server key")};
}

// What GNU SASL asks for in the middle of a step. It cannot wait, so what is not there yet is
// refused and the step is done again later.
struct SaslExchange::Callback {
  static int set(Gsasl_session* session, Gsasl_property name, const std::string& value) {
    return gsasl_property_set_raw(session, name, value.data(), value.size());
  }

  static int answer(SaslExchange& exchange, Gsasl_session* session, Gsasl_property name) {
    switch (name) {
      case GSASL_CB_TLS_EXPORTER:
        if (exchange.exporter_.empty()) return GSASL_NO_CB_TLS_EXPORTER;
        return set(session, name, base::base64(exchange.exporter_));
      case GSASL_VALIDATE_SIMPLE:  // PLAIN, parsed
      case GSASL_SCRAM_ITER:       // SCRAM's first message, parsed
        if (!exchange.ready_) return capture(exchange, session);
        return set(session, name, std::to_string(exchange.keys().iterations));
      case GSASL_SCRAM_SALT:
        if (!exchange.ready_) return GSASL_NO_CALLBACK;
        return set(session, name, base::base64(exchange.keys().salt));
      case GSASL_SCRAM_STOREDKEY:
        if (!exchange.ready_) return GSASL_NO_CALLBACK;
        return set(session, name, base::base64(exchange.keys().stored_key));
      case GSASL_SCRAM_SERVERKEY:
        if (!exchange.ready_) return GSASL_NO_CALLBACK;
        return set(session, name, base::base64(exchange.keys().server_key));
      default:
        return GSASL_NO_CALLBACK;
    }
  }

  static int capture(SaslExchange& exchange, Gsasl_session* session) {
    exchange.name_ = property(session, GSASL_AUTHID);
    exchange.authzid_ = property(session, GSASL_AUTHZID);
    exchange.password_ = property(session, GSASL_PASSWORD);
    return GSASL_AUTHENTICATION_ERROR;
  }

  static int trampoline(Gsasl*, Gsasl_session* session, Gsasl_property name) noexcept {
    auto* exchange = static_cast<SaslExchange*>(gsasl_session_hook_get(session));
    return exchange == nullptr ? GSASL_NO_CALLBACK : answer(*exchange, session, name);
  }
};

SaslExchange::SaslExchange(const SaslLibrary& library, std::shared_ptr<const Config> config,
                           std::string mechanism, std::string exporter)
    : library_(library),
      config_(std::move(config)),
      mechanism_(std::move(mechanism)),
      exporter_(std::move(exporter)) {
  gsasl_callback_set(library_.native(), &Callback::trampoline);
}

SaslExchange::~SaslExchange() {
  if (session_ != nullptr) gsasl_finish(session_);
}

bool SaslExchange::restart() {
  if (session_ != nullptr) gsasl_finish(std::exchange(session_, nullptr));
  if (gsasl_server_start(library_.native(), mechanism_.c_str(), &session_) != GSASL_OK) {
    session_ = nullptr;
    return false;
  }
  gsasl_session_hook_set(session_, this);
  return true;
}

SaslExchange::Output SaslExchange::step(const std::string& message) {
  char* data = nullptr;
  std::size_t size = 0;
  const int code = gsasl_step(session_, message.data(), message.size(), &data, &size);
  Output output{code, data == nullptr ? std::string() : std::string(data, size)};
  gsasl_free(data);
  return output;
}

SaslStep SaslExchange::start(std::string_view text) {
  if (text.empty()) return challenge({});                // no initial response: ask for it
  if (text == "=") return first_message(std::string());  // RFC 6120 §6.4.2: there, and empty
  return respond(text);
}

SaslStep SaslExchange::respond(std::string_view text) {
  auto message = base::from_base64(text);
  if (!message) return fail(SaslCondition::incorrect_encoding);
  if (phase_ == Phase::first_message) return first_message(std::move(*message));
  if (phase_ == Phase::last_message) return last_message(*message);
  return fail(SaslCondition::malformed_request);
}

SaslStep SaslExchange::first_message(std::string message) {
  // None of our mechanisms begins with an empty message.
  if (message.empty()) return fail(SaslCondition::malformed_request);
  const bool scram = !is_plain(mechanism_);
  // RFC 5802 §6: the flag p belongs to -PLUS; GNU SASL does not mind, we do.
  if (scram && !is_plus(mechanism_) && message.front() == 'p')
    return fail(SaslCondition::not_authorized);
  if (!restart()) return fail(SaslCondition::temporary_auth_failure);
  const Output output = step(message);
  if (name_.empty()) {  // not even parsed
    if (scram && demands_extension(message)) return fail(SaslCondition::not_authorized);
    return fail(output.code == GSASL_OK || output.code == GSASL_NEEDS_MORE
                    ? SaslCondition::malformed_request
                    : condition_of(output.code));
  }
  // GNU SASL makes the name of an absent authorization identity in PLAIN.
  has_authzid_ = scram ? !authzid_.empty() : message.front() != '\0';
  message_ = std::move(message);
  return identify();
}

SaslStep SaslExchange::identify() {
  localpart_ = xmpp::prepare_local(name_).value_or(std::string());
  if (has_authzid_) {
    // RFC 6120 §6.3.8: one's own bare JID, compared after preparation: BI-SASL-05, 06.
    const auto own =
        localpart_.empty() ? std::nullopt : xmpp::Jid::from_parts(localpart_, config_->domain);
    const auto wanted = xmpp::Jid::parse(authzid_);
    if (!own || !wanted || *wanted != *own) return fail(SaslCondition::invalid_authzid);
  }
  if (is_plain(mechanism_)) {
    if (password_.size() > password_bytes_max) return fail(SaslCondition::not_authorized);
    check_.password = xmpp::prepare_password(password_);
    password_.clear();
    if (check_.password.empty()) return fail(SaslCondition::not_authorized);
  }
  phase_ = Phase::lookup;
  if (localpart_.empty()) return credentials({});  // nobody can have such a name
  return {.kind = SaslStep::Kind::lookup};
}

SaslStep SaslExchange::credentials(Lookup lookup) {
  if (lookup.state == Lookup::State::unavailable)
    return fail(SaslCondition::temporary_auth_failure);
  known_ = lookup.state != Lookup::State::unknown;
  disabled_ = lookup.state == Lookup::State::disabled;
  verifiers_ = std::move(lookup.verifiers);
  if (!known_ || keys().iterations <= 0) {
    known_ = false;
    const std::string& name = localpart_.empty() ? name_ : localpart_;
    verifiers_ = {.sha1 = fake_keys(*config_, base::Hash::sha1, name),
                  .sha256 = fake_keys(*config_, base::Hash::sha256, name)};
  }
  ready_ = true;
  if (is_plain(mechanism_)) {
    check_.hash = hash();
    check_.keys = keys();
    phase_ = Phase::check;
    return {.kind = SaslStep::Kind::check};
  }
  if (!restart()) return fail(SaslCondition::temporary_auth_failure);
  Output output = step(message_);
  if (output.code != GSASL_NEEDS_MORE) return fail(condition_of(output.code));
  phase_ = Phase::last_message;
  return challenge(std::move(output.data));
}

SaslStep SaslExchange::last_message(const std::string& message) {
  Output output = step(message);
  if (output.code != GSASL_OK) return fail(condition_of(output.code));
  return finish(true, std::move(output.data));
}

SaslStep SaslExchange::checked(bool matches) { return finish(matches, {}); }

SaslStep SaslExchange::finish(bool proven, std::string data) {
  if (!proven || !known_) return fail(SaslCondition::not_authorized);
  // Only who knows the password is told.
  if (disabled_) return fail(SaslCondition::account_disabled);
  phase_ = Phase::done;
  return {.kind = SaslStep::Kind::success, .data = std::move(data)};
}

SaslStep SaslExchange::fail(SaslCondition condition) {
  phase_ = Phase::done;
  return {.kind = SaslStep::Kind::failure, .condition = condition};
}

base::Hash SaslExchange::hash() const {
  return mechanism_.starts_with("SCRAM-SHA-1") ? base::Hash::sha1 : base::Hash::sha256;
}

const xmpp::ScramKeys& SaslExchange::keys() const {
  return hash() == base::Hash::sha1 ? verifiers_.sha1 : verifiers_.sha256;
}

}  // namespace bridge::c2s
