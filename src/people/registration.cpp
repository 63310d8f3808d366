// SPDX-License-Identifier: Apache-2.0
#include "src/people/registration.h"

#include <memory>
#include <utility>

#include "admin/account_rules.h"
#include "xmpp/ns.h"

namespace server {

namespace ns = xmpp::ns;
using bridge::IqRequest;
using xmpp::Condition;
using xmpp::Element;
using xmpp::ErrorType;
using xmpp::StanzaError;

namespace {

StanzaError unavailable() {
  return {ErrorType::wait, Condition::internal_server_error,
          "This cannot be recorded right now. Try again in a moment."};
}

StanzaError under_way() {
  return {ErrorType::wait, Condition::resource_constraint,
          "This account is being changed. Try again in a moment."};
}

StanzaError taken_name() { return {Condition::conflict, "This name is taken; choose another."}; }

Element what_is_registered(const IqRequest& request) {
  Element result = xmpp::iq_result(request.iq);
  Element& query = result.add("query", ns::registration);
  query.add("registered", ns::registration);
  query.add("username", ns::registration).set_text(request.from.local());
  query.add("password", ns::registration);
  return result;
}

}  // namespace

void Registration::add_rules() {
  for (const auto addressee : {bridge::Addressee::server, bridge::Addressee::account})
    parts_.router.iqs().add({.addressee = addressee,
                             .ns = std::string(ns::registration),
                             .handle = [this](IqRequest request) { handle(std::move(request)); }});
  parts_.router.iqs().add_feature(bridge::Addressee::server, ns::registration);
}

xmpp::Jid Registration::account(const std::string& localpart) const {
  return *xmpp::Jid::from_parts(localpart, parts_.domain);
}

// ---- before login

void Registration::add_account(net::Loop& loop, std::string address, std::string username,
                               std::string password, Done done) {
  const auto later = [&](StanzaError error) {
    loop.post([done, error = std::move(error)] { done(error); });
  };
  const auto jid = xmpp::Jid::from_parts(username, parts_.domain);
  if (username.empty() || !jid)
    return later({Condition::not_acceptable, "This cannot be the name of an account."});
  auto prepared = admin::prepared_password(password);
  if (!prepared) return later({Condition::not_acceptable, prepared.error()});
  if (!parts_.recorder.accepting()) return later(unavailable());
  if (!limit_.take(address, parts_.clock.monotonic())) {
    parts_.log.warn("registration refused: too many from one address", {{"address", address}});
    return later({ErrorType::wait, Condition::resource_constraint,
                  "Too many accounts were asked for from here. Try again in an hour."});
  }
  // The configuration may name administrators whose accounts nobody has made yet.
  if (parts_.administrators.has(*jid)) return later(taken_name());
  std::string localpart(jid->local());
  auto turn = turns_.take(localpart);
  if (!turn) return later(under_way());
  const bool taken = parts_.workers.submit([this, &loop, done, localpart, address, turn,
                                            password = std::move(*prepared)] {
    const auto tell = [&](StanzaError error) {
      loop.post([done, error = std::move(error)] { done(error); });
    };
    const auto found = parts_.store.find(localpart);
    if (!found) return tell(unavailable());
    if (*found) return tell(taken_name());
    derive_and_record(
        loop, password,
        {.action = record::AccountChanged::Action::added, .localpart = localpart, .in_band = true},
        [this, done, localpart, address, turn](std::optional<StanzaError> error) {
          if (!error)
            parts_.log.info("account registered", {{"account", localpart}, {"address", address}});
          done(std::move(error));
        });
  });
  if (!taken) later(unavailable());
}

// ---- logged in

void Registration::handle(IqRequest request) {
  if (request.from.domain() != parts_.domain || request.from.is_bare() ||
      request.payload().name() != "query")
    return answer(request, StanzaError{Condition::service_unavailable});
  if (request.iq.attr("type") == "get")
    return parts_.router.route(request.shard, what_is_registered(request));
  const Element& query = request.payload();
  if (!parts_.recorder.accepting()) return answer(request, unavailable());
  auto turn = turns_.take(std::string(request.from.local()));
  if (!turn) return answer(request, under_way());
  if (query.child("remove", ns::registration) != nullptr) {
    if (query.child_count() != 1) return answer(request, StanzaError{Condition::bad_request});
    return remove(std::move(request), std::move(turn));
  }
  const auto username = xmpp::child_text(query, "username", ns::registration);
  auto password = xmpp::child_text(query, "password", ns::registration);
  if (!username || !password) return answer(request, StanzaError{Condition::bad_request});
  // Only one's own; whether another exists is not said.
  if (xmpp::prepare_local(*username) != std::string(request.from.local()))
    return answer(request, StanzaError{Condition::not_allowed});
  auto prepared = admin::prepared_password(*password);
  if (!prepared) return answer(request, StanzaError{Condition::not_acceptable, prepared.error()});
  set_password(std::move(request), std::move(*prepared), std::move(turn));
}

void Registration::answer(IqRequest& request, std::optional<StanzaError> error) {
  parts_.router.route(request.shard, error
                                         ? bridge::answer(request.iq, std::move(*error))
                                         : bridge::answer(request.iq, xmpp::iq_result(request.iq)));
  request.receipt = {};
}

// Only of the account that is there now: an administrator may meanwhile remove it, and give the
// name to somebody else.
void Registration::set_password(IqRequest request, std::string password, Turns::Turn turn) {
  const auto kept = std::make_shared<IqRequest>(std::move(request));
  net::Loop& loop = parts_.shards[kept->shard];
  const Done done = [this, kept, turn](std::optional<StanzaError> error) {
    const bool changed = !error;
    answer(*kept, std::move(error));
    if (!changed) return;
    for (const auto& other : parts_.router.sessions(kept->from.bare()))
      if (other->jid() != kept->from)
        other->end({xmpp::StreamCondition::not_authorized, "The password was changed."});
  };
  const bool taken =
      parts_.workers.submit([this, &loop, kept, done, password = std::move(password)] {
        const std::string localpart(kept->from.local());
        const auto found = parts_.store.find(localpart);
        if (!found || !*found) return loop.post([done] { done(unavailable()); });
        derive_and_record(loop, password,
                          {.action = record::AccountChanged::Action::password,
                           .localpart = localpart,
                           .made = (*found)->created_at},
                          done);
      });
  if (!taken) answer(*kept, unavailable());
}

// XEP-0077 §3.2: first the answer, then the end of all streams.
void Registration::remove(IqRequest request, Turns::Turn turn) {
  const auto kept = std::make_shared<IqRequest>(std::move(request));
  record(parts_.shards[kept->shard], kept->from,
         {.action = record::AccountChanged::Action::removed,
          .localpart = std::string(kept->from.local())},
         [this, kept, turn](std::optional<StanzaError> error) {
           const bool done = !error;
           answer(*kept, std::move(error));
           if (!done) return;
           parts_.live.set_administrator(kept->from.bare(), false);
           parts_.live.end_sessions(kept->from.bare(), admin::Ending::removed);
         });
}

void Registration::derive_and_record(net::Loop& loop, const std::string& password,
                                     record::AccountChanged change, Done done) {
  change.verifiers = admin::derive_verifiers(password, parts_.scram_iterations(), parts_.random);
  const xmpp::Jid who = account(change.localpart);
  record(loop, who, std::move(change), std::move(done));
}

void Registration::record(net::Loop& loop, const xmpp::Jid& who, record::AccountChanged change,
                          Done done) {
  // The writer refuses a name that is taken by now, and one whose account was removed.
  const bool added = change.action == record::AccountChanged::Action::added;
  record::Event event{.at = parts_.clock.wall(), .body = std::move(change)};
  event.actor.jid = who;
  parts_.recorder.submit({std::move(event)},
                         [&loop, done = std::move(done), added](record::Outcome outcome) {
                           loop.post([done, added, outcome] {
                             if (outcome == record::Outcome::durable) return done(std::nullopt);
                             if (outcome == record::Outcome::broken && added)
                               return done(taken_name());
                             done(unavailable());
                           });
                         });
}

}  // namespace server
