// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/bound_session.h"

#include <algorithm>
#include <utility>

#include "bridge/c2s/bucket.h"
#include "bridge/c2s/client_stream.h"
#include "bridge/c2s/host.h"
#include "bridge/c2s/session/csi.h"
#include "bridge/c2s/session/managed.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

namespace bridge::c2s {
namespace {

using xmpp::Element;

constexpr std::size_t id_bytes = 16;

std::string with_address(const base::Payload& payload, const xmpp::Jid& jid) {
  std::string text = *payload.bytes;
  if (payload.splice_at != base::Payload::no_splice)
    text.insert(payload.splice_at, xmpp::splice_to(jid.str()));
  return text;
}

}  // namespace

BoundSession::BoundSession(ClientStream& stream, xmpp::Jid jid, std::string token)
    : Session(std::move(jid), std::move(token)), stream_(&stream) {}

BoundSession::~BoundSession() {
  if (managed_) managed_->receipts->close();
}

bool BoundSession::away() const { return managed_ != nullptr && managed_->expiry != nullptr; }

base::Time BoundSession::away_since() const { return managed_->away_since; }

bool BoundSession::stale() const { return stream_ == nullptr || stream_->stale(); }

// ---- to the client

void BoundSession::send(const base::Payload& payload) {
  if (!open() || (held_ && hold(payload))) return;
  pass(payload);
}

void BoundSession::send(const Element& stanza) {
  if (!open()) return;
  if (!managed_ && !held_) return stream_->send_xml(stanza);
  send(base::make_payload(xmpp::to_xml(stanza, xmpp::ns::client)));
}

void BoundSession::pass(const base::Payload& payload) {
  if (stream_ != nullptr) stream_->connection_->send(payload);
  if (!managed_) return;
  managed_->out.sent(payload, managed_->host.loop.now());
  if (stream_ != nullptr && managed_->out.to_be_asked()) ask();
  check_limit();
}

bool BoundSession::hold(const base::Payload& payload) {
  if (may_wait(*payload.bytes)) {
    held_->add(payload);
    if (held_->full()) release_held();
    return true;
  }
  release_held();
  return false;
}

void BoundSession::release_held() {
  for (const auto& payload : held_->take()) pass(payload);
}

void BoundSession::set_inactive(bool inactive) {
  if (inactive == (held_ != nullptr)) return;
  if (inactive) {
    held_ = std::make_unique<Held>();
  } else {
    release_held();
    held_.reset();
  }
}

void BoundSession::ask() {
  stream_->connection_->send("<r xmlns='urn:xmpp:sm:3'/>");
  managed_->out.ask(managed_->host.loop.now());
}

// By the loop: whoever sends to a session is in the midst of the router's tables.
void BoundSession::check_limit() {
  Managed& m = *managed_;
  if (m.ending || !m.out.full(m.limit, m.host.loop.now(), m.patience)) return;
  m.ending = true;
  m.host.loop.post([self = shared_from_this()] {
    self->end(
        {xmpp::StreamCondition::resource_constraint, "Too many stanzas wait to be acknowledged."});
  });
}

// ---- from the client

base::Receipt BoundSession::receive() {
  return managed_ ? managed_->receipts->issue(managed_->in.receive()) : base::Receipt();
}

void BoundSession::take_settled() {
  for (const auto number : managed_->receipts->take()) managed_->in.settle(number);
}

// Answered at once (§4: not to be withheld); if that was too early to count everything read, again
// when all of it is done with.
void BoundSession::answer_request() {
  take_settled();
  send_ack();
  if (managed_->in.all_settled()) return;
  managed_->owed = managed_->in.received();
  managed_->receipts->tell_me();
}

void BoundSession::send_ack() {
  stream_->connection_->send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(managed_->in.h()) +
                             "'/>");
}

void BoundSession::on_settled() {
  if (!managed_) return;
  Managed& m = *managed_;
  take_settled();
  if (const auto claimant = m.claimant.lock()) {
    if (!m.in.all_settled()) return m.receipts->tell_me();
    return claimant->claim_settled();
  }
  if (m.owed == 0 || stream_ == nullptr) return;
  if (m.in.settled() < m.owed) return m.receipts->tell_me();
  m.owed = 0;
  send_ack();
}

// ---- life

Element BoundSession::enable(Host& host, bool resumable, base::Micros time) {
  const auto config = host.config();
  auto receipts = std::make_shared<Receipts>(host.loop, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_settled();
  });
  managed_ = std::make_unique<Managed>(host, std::move(receipts));
  managed_->limit = {config->limits.resume_stanzas, config->resume_bytes};
  managed_->patience = config->ack_patience;
  Element enabled("enabled", xmpp::ns::sm);
  if (!resumable) return enabled;
  managed_->resume_time = std::min(time, config->resume_time);
  managed_->id = base::random_token(host.common.random, id_bytes);
  host.resumables.add(managed_->id, shared_from_this());
  enabled.set_attr("id", managed_->id).set_attr("resume", "true");
  enabled.set_attr("max", std::to_string(managed_->resume_time / base::seconds(1)));
  return enabled;
}

base::Micros BoundSession::pace_acks(std::size_t per_second, std::size_t burst) {
  return managed_->acks.take(managed_->host.loop.now(), per_second, burst);
}

base::Micros BoundSession::pace_resumption() {
  return managed_->resumptions.take(managed_->host.loop.now(), 1,
                                    managed_->host.config()->resume_burst);
}

Outbound::Ack BoundSession::check(std::uint32_t h) const { return managed_->out.check(h); }
Outbound::Ack BoundSession::acknowledge(std::uint32_t h) {
  const auto ack = managed_->out.acknowledge(h);
  if (managed_->out.to_be_asked()) ask();
  return ack;
}
std::uint32_t BoundSession::sent() const { return managed_->out.count(); }
std::uint32_t BoundSession::handled() const { return managed_->in.h(); }

void BoundSession::sweep(bool heard) {
  if (!managed_) return;
  Managed& m = *managed_;
  const auto config = m.host.config();
  m.limit = {config->limits.resume_stanzas, config->resume_bytes};
  m.patience = config->ack_patience;
  take_settled();
  check_limit();
  const base::Time now = m.host.loop.now();
  if (m.out.to_be_asked_again()) ask();
  if (heard) m.heard_at = now;
  // Half open: nobody has answered for long, nor said anything.
  const base::Micros long_ago = 2 * m.patience;
  if (!m.ending && m.out.overdue(now, long_ago) && now - m.heard_at > long_ago)
    stream_->connection_->abort();
}

bool BoundSession::resumable() const {
  return managed_ != nullptr && !managed_->id.empty() && !managed_->ending;
}

bool BoundSession::go_away() {
  if (!resumable()) return false;
  leave_stream();
  return true;
}

void BoundSession::leave_stream() {
  Managed& m = *managed_;
  stream_ = nullptr;
  m.away_since = m.host.loop.now();
  m.expiry = std::make_unique<net::Timer>(m.host.loop);
  m.expiry->start(m.resume_time, [this] { finish(managed_->host, "not resumed", End::lost); });
  m.owed = 0;
  set_inactive(false);  // it is not part of what is resumed
  m.out.cut(m.host.loop.now(), m.patience);
  check_limit();
}

bool BoundSession::claim(ClientStream& stream) {
  Managed& m = *managed_;
  const auto before = m.claimant.lock();
  m.claimant = stream.weak_from_this();
  if (before && before.get() != &stream) before->fail(xmpp::StreamCondition::conflict);
  if (ClientStream* old = stream_) {
    leave_stream();
    old->let_go();
  }
  take_settled();
  if (m.in.all_settled()) return true;
  m.receipts->tell_me();
  return false;
}

void BoundSession::attach(ClientStream& stream, std::uint32_t h) {
  Managed& m = *managed_;
  stream_ = &stream;
  m.expiry.reset();
  m.claimant.reset();
  m.out.acknowledge(h);
  m.out.resumed();
  const auto* end = m.out.end_waiting();
  for (const auto* at = m.out.begin_waiting(); at != end; ++at)
    stream.connection_->send(at->stanza);
  if (m.out.waiting() > 0) ask();
}

void BoundSession::finish(Host& host, std::string_view why, End end) {
  const auto self = shared_from_this();
  const auto managed = std::exchange(managed_, nullptr);
  stream_ = nullptr;
  held_.reset();
  std::vector<Outbound::Sent> lost;
  if (managed) {
    for (const auto number : managed->receipts->take()) managed->in.settle(number);
    managed->receipts->close();
    host.resumables.forget(managed->id);
    if (end == End::lost && !managed->id.empty())
      host.resumables.remember(managed->id, jid().bare(), managed->in.h());
    if (end != End::closed) lost.assign(managed->out.begin_waiting(), managed->out.end_waiting());
  }
  host.common.router.remove(self);
  give_back(host, lost);
  host.common.log.info("session closed",
                       {{"jid", jid().str()}, {"session", token()}, {"reason", std::string(why)}});
  if (SessionJournal* journal = host.common.journal) journal->closed({jid(), token()}, why);
  if (managed)
    if (const auto claimant = managed->claimant.lock()) claimant->claim_lost();
}

void BoundSession::give_back(Host& host, const std::vector<Outbound::Sent>& lost) const {
  for (const auto& [payload, at] : lost) {
    if (payload.bytes->starts_with("<presence")) continue;
    const base::Time stamp = host.common.clock.wall() - (host.loop.now() - at);
    if (auto stanza = xmpp::read_stanza(with_address(payload, jid())))
      host.common.router.undelivered(*this, at, stamp, std::move(*stanza));
  }
}

BoundSession::End BoundSession::how(xmpp::StreamCondition condition) {
  if (condition == xmpp::StreamCondition::system_shutdown) return End::closed;
  return condition == xmpp::StreamCondition::resource_constraint ? End::lost : End::revoked;
}

void BoundSession::end(xmpp::StreamError error) {
  if (stream_ != nullptr) return stream_->fail(error.condition, std::move(error.text));
  if (!away()) return;
  Host& host = managed_->host;
  host.common.rejects.count("stream", xmpp::name(error.condition));
  finish(host, xmpp::name(error.condition), how(error.condition));
}

}  // namespace bridge::c2s
