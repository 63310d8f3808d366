// SPDX-License-Identifier: Apache-2.0
#include "bridge/router.h"

#include <algorithm>

#include "base/check.h"
#include "bridge/router_impl.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/sanitise.h"

namespace bridge {

Router::Impl::Impl(net::Shards& s, std::string d)
    : shards(s), domain(std::move(d)), tables(s.size()), received(s.size()) {
  add_basic_rules(
      iqs, [this](std::size_t shard, xmpp::Element stanza) { reply(shard, std::move(stanza)); });
}

Router::Router(net::Shards& shards, std::string domain)
    : impl_(std::make_unique<Impl>(shards, std::move(domain))) {}

Router::~Router() = default;

void Router::add_service(std::string domain, std::string name, LocalService& service) {
  impl_->iqs.add_item({domain, std::move(name)});
  impl_->services.insert_or_assign(std::move(domain), &service);
}

IqRegistry& Router::iqs() { return impl_->iqs; }

void Router::watch(SessionWatcher& watcher) { impl_->watcher = &watcher; }
void Router::set_conversations(Conversations& conversations) {
  impl_->conversations = &conversations;
}

std::size_t Router::home(const xmpp::Jid& jid) const { return impl_->home(jid); }

void Router::add(std::shared_ptr<Session> session) {
  const xmpp::Jid& jid = session->jid();
  CHECK(impl_->resource(jid) == nullptr);
  Table& table = impl_->tables[impl_->home(jid)];
  auto at = table.find(jid.bare_str());
  if (at == table.end()) at = table.emplace(std::string(jid.bare_str()), 0).first;
  at->second.push_back({std::move(session), {}});
  impl_->count.fetch_add(1, std::memory_order_relaxed);
}

void Router::remove(const std::shared_ptr<Session>& session) {
  const xmpp::Jid jid = session->jid();
  Table& table = impl_->tables[impl_->home(jid)];
  const auto at = table.find(jid.bare_str());
  if (at == table.end()) return;
  if (std::erase_if(at->second, [&](const Resource& r) { return r.session == session; }) == 0)
    return;
  if (at->second.empty()) table.erase(at);
  impl_->count.fetch_sub(1, std::memory_order_relaxed);
  if (std::exchange(session->available, false)) {
    xmpp::Element gone("presence", xmpp::ns::client);
    gone.set_attr("from", jid.str()).set_attr("type", "unavailable");
    impl_->tell_own(jid, gone);
  }
  impl_->farewell(jid, std::exchange(session->directed, {}));
  if (impl_->watcher != nullptr) impl_->watcher->on_end(jid);
}

std::size_t Router::resources(const xmpp::Jid& bare) const {
  const auto* account = impl_->account(bare);
  return account == nullptr ? 0 : account->size();
}

std::shared_ptr<Session> Router::find(const xmpp::Jid& full) const {
  const Resource* resource = std::as_const(*impl_).resource(full);
  return resource == nullptr ? nullptr : resource->session;
}

std::vector<std::shared_ptr<Session>> Router::sessions(const xmpp::Jid& bare) const {
  std::vector<std::shared_ptr<Session>> all;
  if (const auto* account = std::as_const(*impl_).account(bare))
    for (const Resource& resource : *account) all.push_back(resource.session);
  return all;
}

void Router::from_client(Session& session, xmpp::Element stanza, base::Receipt receipt) {
  const std::size_t shard = impl_->home(session.jid());
  stanza.set_attr("from", session.jid().str());  // RFC 6120 §8.1.2.1: whatever the client says
  if (const auto error = check_stanza(stanza)) {
    if (const auto reply = refusal(stanza, *error)) session.send(*reply);
    return;
  }
  xmpp::strip_odd_languages(stanza);
  const Kind kind = *kind_of(stanza);
  impl_->received[shard].at(static_cast<std::size_t>(kind)).add();
  if (kind != Kind::iq)
    xmpp::strip_in_name_of(stanza, [this](std::string_view d) { return impl_->is_ours(d); });
  switch (kind) {
    case Kind::message:
      return impl_->message(shard, session, std::move(stanza), std::move(receipt));
    case Kind::presence:
      return impl_->presence(shard, session, std::move(stanza), std::move(receipt));
    case Kind::iq:
      return impl_->iq(shard, session, std::move(stanza), std::move(receipt));
  }
}

void Router::route(std::size_t from_shard, xmpp::Element stanza) {
  CHECK(kind_of(stanza));
  impl_->reply(from_shard, std::move(stanza));
}

void Router::undelivered(const Session& gone, base::Time at, base::Time stamp,
                         xmpp::Element stanza) {
  const std::size_t shard = impl_->home(gone.jid());
  const auto kind = kind_of(stanza);
  if (kind == Kind::message) impl_->undelivered(shard, gone, at, stamp, std::move(stanza));
  if (kind == Kind::iq && is_iq_request(stanza))  // RFC 6120 §8.2.3: an answer is owed
    impl_->bounce(shard, stanza, xmpp::Condition::service_unavailable);
}

Router::Received Router::received() const {
  const auto sum = [this](Kind kind) {
    std::uint64_t total = 0;
    for (const auto& shard : impl_->received)
      total += shard.at(static_cast<std::size_t>(kind)).value();
    return total;
  };
  return {sum(Kind::message), sum(Kind::presence), sum(Kind::iq)};
}

std::size_t Router::session_count() const { return impl_->count.load(std::memory_order_relaxed); }

// ---- lookup

const std::vector<Resource>* Router::Impl::account(const xmpp::Jid& jid) const {
  const Table& table = tables[home(jid)];
  const auto at = table.find(jid.bare_str());
  return at == table.end() ? nullptr : &at->second;
}

std::vector<Resource>* Router::Impl::account(const xmpp::Jid& jid) {
  return const_cast<std::vector<Resource>*>(std::as_const(*this).account(jid));
}

const Resource* Router::Impl::resource(const xmpp::Jid& full) const {
  const auto* resources = account(full);
  if (resources == nullptr) return nullptr;
  const auto at = std::find_if(resources->begin(), resources->end(),
                               [&](const Resource& r) { return r.session->jid() == full; });
  return at == resources->end() ? nullptr : &*at;
}

Resource* Router::Impl::resource(const xmpp::Jid& full) {
  return const_cast<Resource*>(std::as_const(*this).resource(full));
}

// ---- between shards

void Router::Impl::dispatch(std::size_t shard, xmpp::Element stanza, const xmpp::Jid& to,
                            base::Receipt receipt) {
  if (to.domain() == domain) {
    if (!to.has_local()) return to_server(shard, stanza, std::move(receipt));
    const std::size_t target = home(to);
    if (target == shard) return deliver(shard, stanza, to, std::move(receipt));
    return shards[target].post(
        [this, target, stanza = std::move(stanza), to, receipt = std::move(receipt)]() mutable {
          deliver(target, stanza, to, std::move(receipt));
        });
  }
  const auto service = services.find(to.domain());
  if (service != services.end())
    return service->second->handle(shard, to, std::move(stanza), std::move(receipt));
  bounce(shard, stanza, xmpp::Condition::remote_server_not_found);
}

void Router::Impl::reply(std::size_t shard, xmpp::Element stanza) {
  const auto to = xmpp::Jid::parse(stanza.attr("to"));
  if (to) return dispatch(shard, std::move(stanza), *to);
  stanza.set_attr("to", domain);  // an error never comes from a malformed address
  bounce(shard, stanza, xmpp::Condition::jid_malformed);
}

void Router::Impl::bounce(std::size_t shard, const xmpp::Element& stanza,
                          const xmpp::StanzaError& error) {
  auto answer = refusal(stanza, error);
  if (answer && answer->find_attr("to") != nullptr) reply(shard, std::move(*answer));
}

}  // namespace bridge
