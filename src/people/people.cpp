// SPDX-License-Identifier: Apache-2.0
#include "src/people/people.h"

#include <utility>

#include "accounts/pep/pep.h"
#include "accounts/personal/bookmarks.h"
#include "bridge/server_iq.h"
#include "xmpp/ns.h"

namespace server {

using bridge::Addressee;
using bridge::IqRequest;
using xmpp::Element;
using xmpp::Jid;

People::People(Parts parts) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < parts_.shards.size(); ++i)
    keepers_.push_back(std::make_unique<PersonKeeper>(PersonKeeper::Parts{
        .loop = parts_.shards[i],
        .workers = parts_.workers,
        .recorder = parts_.recorder,
        .store = parts_.store,
        .clock = parts_.clock,
        .log = parts_.log,
        .domain = parts_.domain,
        .route = [&router = parts_.router,
                  i](Element stanza) { router.route(i, std::move(stanza)); },
        .sessions = [&router = parts_.router](const Jid& bare) { return router.resources(bare); },
        .archives = &parts_.archives}));
  add_rules();
  parts_.router.watch(*this);
}

People::~People() = default;

void People::add_rules() {
  bridge::IqRegistry& iqs = parts_.router.iqs();
  const auto add = [&](std::string_view ns, bool others) {
    iqs.add({.addressee = Addressee::account,
             .ns = std::string(ns),
             .others = others,
             .handle = [this](IqRequest request) { handle(std::move(request)); }});
  };
  add(xmpp::ns::roster, false);
  add(xmpp::ns::private_xml, false);
  add(xmpp::ns::vcard, true);
  add(xmpp::ns::pubsub, true);
  add(xmpp::ns::pubsub_owner, false);
  add(xmpp::ns::disco_items, false);
  // Of the account itself as of everybody's, of a node from what is kept.
  iqs.add({.addressee = Addressee::account,
           .ns = std::string(xmpp::ns::disco_info),
           .handle = [this, basic = bridge::account_info(iqs, [this](std::size_t shard, Element e) {
                              parts_.router.route(shard, std::move(e));
                            })](IqRequest request) {
             if (request.payload().attr("node").empty()) return basic(std::move(request));
             handle(std::move(request));
           }});
  // Later: a question to a session that is gone comes back while it is being said.
  iqs.on_response(
      std::string(accounts::Person::question_prefix), [this](std::size_t shard, const Element& iq) {
        parts_.shards[shard].post([this, shard, iq] { keepers_[shard]->on_response(iq); });
      });

  iqs.add_identity(Addressee::account, {"pubsub", "pep", {}});
  for (const auto feature : accounts::pep::features) iqs.add_feature(Addressee::account, feature);
  for (const auto feature :
       {xmpp::ns::private_xml, xmpp::ns::vcard, xmpp::ns::roster, accounts::bookmarks_compat})
    iqs.add_feature(Addressee::account, feature);
}

void People::handle(IqRequest request) { keepers_[request.shard]->handle(std::move(request)); }

void People::on_available(const Jid& session, const Element& presence, bool initial) {
  keeper(session).on_available(session, presence, initial);
}

void People::on_unavailable(const Jid& session) { keeper(session).on_unavailable(session); }

// Later: it may be in the middle of saying something to this very session.
void People::on_end(const Jid& session) {
  parts_.shards[parts_.router.home(session)].post(
      [this, session] { keeper(session).on_end(session); });
}

}  // namespace server
