// SPDX-License-Identifier: Apache-2.0
#include "src/people/about.h"

#include "bridge/server_iq.h"
#include "src/version.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"

namespace server {
namespace {

using bridge::IqAnswer;
using bridge::IqRequest;
using xmpp::Element;

bool asks(const IqRequest& request, std::string_view name) {
  return request.iq.attr("type") == "get" && request.payload().name() == name;
}

IqAnswer tell_version(const IqRequest& request) {
  if (!asks(request, "query")) return xmpp::StanzaError{xmpp::Condition::service_unavailable};
  Element result = xmpp::iq_result(request.iq);
  Element& query = result.add("query", xmpp::ns::version);
  query.add("name", xmpp::ns::version).set_text("Hansard");
  query.add("version", xmpp::ns::version).set_text(version);
  return result;
}

IqAnswer tell_time(const IqRequest& request, base::Time now) {
  if (!asks(request, "time")) return xmpp::StanzaError{xmpp::Condition::service_unavailable};
  Element result = xmpp::iq_result(request.iq);
  Element& time = result.add("time", xmpp::ns::entity_time);
  time.add("tzo", xmpp::ns::entity_time).set_text("+00:00");
  time.add("utc", xmpp::ns::entity_time).set_text(xmpp::format_datetime(now));
  return result;
}

}  // namespace

void tell_about_server(bridge::Router& router, const base::Clock& clock) {
  const auto add = [&](std::string_view ns, std::function<IqAnswer(const IqRequest&)> outcome) {
    router.iqs().add({.addressee = bridge::Addressee::server,
                      .ns = std::string(ns),
                      .handle = bridge::at_once(
                          [&router](std::size_t shard, Element stanza) {
                            router.route(shard, std::move(stanza));
                          },
                          std::move(outcome))});
    router.iqs().add_feature(bridge::Addressee::server, ns);
  };
  add(xmpp::ns::version, tell_version);
  add(xmpp::ns::entity_time,
      [&clock](const IqRequest& request) { return tell_time(request, clock.wall()); });
}

}  // namespace server
