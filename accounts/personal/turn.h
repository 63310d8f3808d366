// SPDX-License-Identifier: Apache-2.0
// Turn: one request about what an account keeps, and what came of it so far. Rules look first and
// then act: an answer that is an error has no effects.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "accounts/personal_store.h"
#include "base/time.h"
#include "record/event.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"

namespace accounts {

// What the world is asked to do: first the events are made durable, together; then the stanzas,
// each with from and to, are sent in order.
struct Effects {
  std::vector<record::Event> events;
  std::vector<xmpp::Element> stanzas;
};

// The names of the PEP nodes that a client wants to hear of ("+notify" of XEP-0163 §4.3), sorted.
using Interests = std::shared_ptr<const std::vector<std::string>>;

// A session of the account as far as it concerns what is kept here.
struct Listener {
  bool wants_roster = false;  // it has asked for it: RFC 6121 §2.1.6
  bool available = false;
  std::string hash, node, ver;  // its entity capabilities, "" = none
  std::string asked;            // id of the question what they mean, "" if none is under way
  Interests interests;          // null: not known, or none
  bool owed = false;            // the last items, once the data is here
};

struct State {
  xmpp::Jid account;  // bare
  std::optional<PersonalData> data;
  std::map<xmpp::Jid, Listener> listeners;
  std::uint64_t questions = 0;  // for ids of what is asked and pushed
};

// The whole result, or why there is none.
using Answer = std::variant<xmpp::Element, xmpp::StanzaError>;

struct Turn {
  State& state;
  const xmpp::Element& iq;
  xmpp::Jid from;
  base::Time at;
  Effects& effects;

  const xmpp::Element& payload() const { return *iq.first_child(); }
  bool is_get() const { return iq.attr("type") == "get"; }
  bool own() const { return from.bare_str() == state.account.str(); }
  PersonalData& data() const { return *state.data; }
  std::string localpart() const { return std::string(state.account.local()); }

  xmpp::Element result() const { return xmpp::iq_result(iq); }
  xmpp::Element result(xmpp::Element payload) const {
    xmpp::Element result = xmpp::iq_result(iq);
    result.add(std::move(payload));
    return result;
  }
  void record(record::Body body) const {
    effects.events.push_back({.at = at,
                              .room_id = 0,
                              .number = 0,
                              .actor = {from, "", {}, {}},
                              .body = std::move(body)});
  }
};

}  // namespace accounts
