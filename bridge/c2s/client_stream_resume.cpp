// SPDX-License-Identifier: Apache-2.0
// Stream management (XEP-0198) and client state indication (XEP-0352) on a client stream.
#include <charconv>
#include <utility>

#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/negotiation.h"
#include "bridge/c2s/session/bound_session.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace bridge::c2s {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::StreamCondition;

constexpr std::size_t tries = 10;
constexpr std::size_t burst_seconds = 4;
constexpr std::size_t ack_burst = 1000;  // a client may ask with each room it enters

// xs:unsignedInt
std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last) return std::nullopt;
  return value;
}

bool is_true(std::string_view text) { return text == "true" || text == "1"; }

}  // namespace

void ClientStream::manage(const Element& element) {
  const std::string& name = element.name();
  const bool ack = name == "r" || name == "a";
  if (ack && (state_ != State::bound || !session_->managed())) return unexpected(element);
  if (!ack && name != "enable" && name != "resume") return unexpected(element);
  const std::size_t rate = config_->limits.stanzas_per_second;
  if (state_ == State::bound && rate != unlimited)  // BI-BIND-11: reading slower
    wait_ = ack ? session_->pace_acks(rate, ack_burst)
                : stanzas_.take(host_.common.clock.monotonic(), rate, rate * burst_seconds);
  if (name == "r") return session_->answer_request();
  if (name == "a") return acknowledge(element);
  if (name == "enable") return enable(element);
  ask_resumption(element);
}

// BI-BIND-07
void ClientStream::acknowledge(const Element& a) {
  const auto h = number(a.attr("h"));
  if (!h) return fail(StreamCondition::policy_violation, "An acknowledgement needs a count.");
  check_ack(*h, session_->acknowledge(*h), *session_);
}

bool ClientStream::check_ack(std::uint32_t h, Outbound::Ack ack, const BoundSession& session) {
  if (ack == Outbound::Ack::good) return true;
  if (ack == Outbound::Ack::backwards) {
    fail(StreamCondition::policy_violation, "An acknowledgement cannot be taken back.");
    return false;
  }
  Element detail("handled-count-too-high", xmpp::ns::sm);
  detail.set_attr("h", std::to_string(h)).set_attr("send-count", std::to_string(session.sent()));
  fail(StreamCondition::undefined_condition, {}, &detail);
  return false;
}

// BI-BIND-06
void ClientStream::enable(const Element& request) {
  if (state_ != State::bound || session_->managed())
    return refuse_management(Condition::unexpected_request);
  base::Micros time = config_->resume_time;
  if (const auto max = number(request.attr("max"))) time = base::seconds(*max);
  send_xml(session_->enable(host_, is_true(request.attr("resume")), time));
}

void ClientStream::refuse_management(Condition condition, std::optional<std::uint32_t> h) {
  host_.common.rejects.count("management", xmpp::name(condition));
  if (negotiation_ && ++negotiation_->bind_failures > tries)
    return fail(StreamCondition::policy_violation);
  Element failed("failed", xmpp::ns::sm);
  if (h) failed.set_attr("h", std::to_string(*h));
  failed.add(xmpp::name(condition), xmpp::ns::stanza_errors);
  send_xml(failed);
}

// ---- resumption

// BI-BIND-08: whose it is, whether it ever was, is nobody else's to know.
void ClientStream::ask_resumption(const Element& request) {
  if (state_ != State::binding) return refuse_management(Condition::unexpected_request);
  const auto h = number(request.attr("h"));
  std::string previd(request.attr("previd"));
  if (!h || previd.empty()) return refuse_management(Condition::bad_request);
  auto session = host_.resumables.find(previd);
  if (!session || !session->resumable() || session->jid().bare() != account_)
    return refuse_management(Condition::item_not_found, host_.resumables.handled(previd, account_));
  if (!check_ack(*h, session->check(*h), *session)) return;
  state_ = State::waiting;
  const auto wait = session->pace_resumption();
  negotiation_->claim = {std::move(session), std::move(previd), *h};
  if (wait == 0) return claim_session();
  negotiation_->penalty.start(wait, [this] {
    claim_session();
    if (state_ != State::waiting) resume();
  });
}

// From here the session is nobody else's. What its connection had brought is settled first, for
// <resumed/> says once and for all how far it came.
void ClientStream::claim_session() {
  BoundSession& session = *negotiation_->claim.session;
  if (!session.resumable()) return give_up_claim();
  if (session.claim(*this)) return complete_claim();
  // The session stays: its client finds it when it tries again.
  negotiation_->penalty.start(config_->settle_time, [this] {
    fail(StreamCondition::resource_constraint, "What you sent is not recorded yet; try again.");
  });
}

void ClientStream::claim_settled() {
  if (state_ != State::waiting || !negotiation_ || !negotiation_->claim.session) return;
  complete_claim();
  resume();
}

void ClientStream::claim_lost() {
  if (state_ != State::waiting || !negotiation_ || !negotiation_->claim.session) return;
  give_up_claim();
  resume();
}

void ClientStream::give_up_claim() {
  const Claim claim = std::exchange(negotiation_->claim, {});
  negotiation_->penalty.stop();
  state_ = State::binding;
  refuse_management(Condition::item_not_found, host_.resumables.handled(claim.previd, account_));
}

void ClientStream::complete_claim() {
  const Claim claim = std::exchange(negotiation_->claim, {});
  session_ = claim.session;
  state_ = State::bound;
  note_opened(SessionJournal::How::resumed);
  negotiation_.reset();
  connection_->set_splice(xmpp::splice_to(session_->jid().str()));
  Element resumed("resumed", xmpp::ns::sm);
  resumed.set_attr("previd", claim.previd).set_attr("h", std::to_string(session_->handled()));
  send_xml(resumed);
  session_->attach(*this, claim.h);
  host_.common.log.info("session resumed", {{"jid", session_->jid().str()},
                                            {"session", session_->token()},
                                            {"tls", std::string(connection_->tls_version())},
                                            {"address", connection_->peer_address()}});
}

void ClientStream::let_go() {
  session_.reset();
  fail(StreamCondition::conflict);
}

// ---- XEP-0352

void ClientStream::indicate(const Element& element) {
  const bool inactive = element.name() == "inactive";
  if (state_ != State::bound || (!inactive && element.name() != "active"))
    return unexpected(element);
  const std::size_t rate = config_->limits.stanzas_per_second;
  if (rate != unlimited)
    wait_ = stanzas_.take(host_.common.clock.monotonic(), rate, rate * burst_seconds);
  session_->set_inactive(inactive);
}

}  // namespace bridge::c2s
