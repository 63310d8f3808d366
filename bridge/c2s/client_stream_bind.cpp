// SPDX-License-Identifier: Apache-2.0
// Resource binding (RFC 6120 §7) and what a bound client sends.
#include <algorithm>
#include <utility>

#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/negotiation.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace bridge::c2s {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;
using xmpp::StanzaError;
using xmpp::StreamCondition;

constexpr std::size_t resource_bytes = 9;  // twelve characters
constexpr std::size_t token_bytes = 16;
constexpr std::size_t bind_tries = 10;  // §7.7.3
constexpr std::size_t burst_seconds = 4;
constexpr std::size_t join_burst = 1000;  // rooms that a client may enter at once when it starts
constexpr std::string_view xmpp_errors = "urn:xmpp:errors";

StanzaError resource_limit() {
  StanzaError error{xmpp::ErrorType::wait, Condition::resource_constraint};
  error.detail = Element("resource-limit-exceeded", xmpp_errors);  // XEP-0205 5
  return error;
}

bool is_join(const Element& stanza) {
  return stanza.name() == "presence" && stanza.child("x", xmpp::ns::muc) != nullptr;
}

// Its own, even if empty: that says "none".
bool has_lang(const Element& stanza) {
  const auto& all = stanza.attributes();
  return std::any_of(all.begin(), all.end(), [](const xmpp::Attribute& a) {
    return a.name == "lang" && a.ns == xmpp::ns::xml;
  });
}

}  // namespace

bool ClientStream::is_bind(const Element& stanza) const {
  if (stanza.name() != "iq" || stanza.attr("type") != "set") return false;
  if (stanza.child("bind", xmpp::ns::bind) == nullptr) return false;
  const std::string_view to = stanza.attr("to");
  return to.empty() || to == config_->domain || to == account_.str();
}

// §7.1: before binding only the server and the own account may be addressed.
void ClientStream::bind_or_answer(Element& stanza) {
  if (is_bind(stanza)) return bind(stanza);
  const std::string_view to = stanza.attr("to");
  const bool ours = to.empty() || to == config_->domain || to == account_.str();
  if (!ours || stanza.name() != "iq") return fail(StreamCondition::not_authorized);
  if (const auto reply = refusal(stanza, Condition::service_unavailable)) send_xml(*reply);
}

void ClientStream::bind(const Element& iq) {
  if (const auto error = check_stanza(iq)) return refuse_bind(iq, *error);
  const Element& request = *iq.child("bind", xmpp::ns::bind);
  const auto jid =
      choose_jid(xmpp::child_text(request, "resource", xmpp::ns::bind).value_or(std::string()));
  if (!jid) return refuse_bind(iq, {Condition::bad_request, "Not a resource name."});
  Router& router = host_.common.router;
  if (router.resources(account_) >= config_->limits.resources_per_account) {
    const auto ghost = host_.resumables.longest_away(account_);
    if (!ghost) return refuse_bind(iq, resource_limit());
    ghost->end({StreamCondition::resource_constraint});
  }

  session_ = std::make_shared<BoundSession>(*this, *jid,
                                            base::random_token(host_.common.random, token_bytes));
  router.add(session_);
  connection_->set_splice(xmpp::splice_to(jid->str()));
  state_ = State::bound;
  note_opened(SessionJournal::How::bound);
  negotiation_.reset();
  Element result = xmpp::iq_result(iq);
  result.add("bind", xmpp::ns::bind).add("jid", xmpp::ns::bind).set_text(jid->str());
  send_xml(result);
  host_.common.log.info("session opened", {{"jid", jid->str()},
                                           {"session", session_->token()},
                                           {"tls", std::string(connection_->tls_version())},
                                           {"address", connection_->peer_address()}});
}

// Before anything that the session leads to.
void ClientStream::note_opened(SessionJournal::How how) {
  if (SessionJournal* journal = host_.common.journal)
    journal->opened({session_->jid(), session_->token()}, how, negotiation_->mechanism,
                    connection_->peer_address());
}

// §7.7.2.2: a resource in use is replaced by one of ours, so that two clients never throw each
// other out; only a session whose peer looks dead gives way. nullopt: malformed.
std::optional<Jid> ClientStream::choose_jid(const std::string& resource) {
  if (!resource.empty()) {
    auto wanted = account_.with_resource(resource);
    if (!wanted || give_way(*wanted)) return wanted;
  }
  return account_.with_resource(base::random_token(host_.common.random, resource_bytes));
}

// Whether the name is free now. Not if rooms still have to answer the farewell of the one who had
// it: they know names, not sessions, and the newcomer would be told that it left.
bool ClientStream::give_way(const Jid& wanted) {
  const auto old = host_.common.router.find(wanted);
  if (!old) return true;
  if (!old->stale()) return false;
  const bool owed = !old->directed.empty();
  old->end({xmpp::StreamCondition::conflict});
  return !owed;
}

void ClientStream::refuse_bind(const Element& iq, const StanzaError& error) {
  host_.common.rejects.count("bind", xmpp::name(error.condition));
  if (++negotiation_->bind_failures > bind_tries) return fail(StreamCondition::policy_violation);
  if (const auto reply = refusal(iq, error)) send_xml(*reply);
}

// Counts who is addressed anew; answers do not count.
bool ClientStream::too_many_recipients(const Element& stanza) {
  const std::string* text = stanza.find_attr("to");
  if (text == nullptr || stanza.attr("type") == "error" || stanza.attr("type") == "result")
    return false;
  const auto to = Jid::parse(*text);
  if (!to || to->domain() != config_->domain || !to->has_local()) return false;
  return !recipients_.admit(to->bare_str(), host_.common.clock.monotonic());
}

void ClientStream::from_session(Element stanza) {
  base::Receipt receipt = session_->receive();
  const std::size_t rate = config_->limits.stanzas_per_second;
  if (rate != unlimited) {
    const base::Time now = host_.common.clock.monotonic();
    wait_ = is_join(stanza) ? joins_.take(now, rate, join_burst)
                            : stanzas_.take(now, rate, rate * burst_seconds);
  }
  if (is_bind(stanza)) {  // §7.6.2.2, BI-BIND-04
    if (const auto reply = refusal(stanza, Condition::not_allowed)) session_->send(*reply);
    return;
  }
  if (config_->limits.stanzas_per_second != unlimited && too_many_recipients(stanza)) {
    host_.common.rejects.count("stanza", "too-many-recipients");
    const StanzaError error{xmpp::ErrorType::wait, Condition::policy_violation,
                            "Too many people at once; wait a minute."};
    if (const auto reply = refusal(stanza, error)) session_->send(*reply);
    return;
  }
  if (!lang_.empty() && !has_lang(stanza)) stanza.set_lang(lang_);  // §8.1.5
  host_.common.router.from_client(*session_, std::move(stanza), std::move(receipt));
}

}  // namespace bridge::c2s
