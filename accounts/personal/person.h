// SPDX-License-Identifier: Apache-2.0
// Person: one account as far as it keeps something here: the data, once read, and those of its
// sessions that want to hear of changes. Pure: a stanza in, effects out. The data may come and go
// (after a record that was refused it is read again); the sessions stay.
#pragma once

#include "accounts/personal/capabilities.h"
#include "accounts/personal/turn.h"

namespace accounts {

class Person {
 public:
  // `account` bare; `capabilities` and `domain` (of the server, in whose name clients are asked
  // what they can do) must outlive it.
  Person(xmpp::Jid account, const std::string& domain, Capabilities& capabilities)
      : domain_(domain), capabilities_(capabilities) {
    state_.account = std::move(account);
  }

  // A get or set to this account that it knows how to answer: roster, private XML, vCard, PEP,
  // discovery. Needs the data, or that there is no such account: loaded().
  Effects handle(const xmpp::Element& iq, const xmpp::Jid& from, base::Time now);

  // nullopt: there is no such account, and all requests are answered so.
  Effects loaded(std::optional<PersonalData> data);
  void drop_data();
  bool has_data() const { return known_; }
  const PersonalData* data() const { return state_.data ? &*state_.data : nullptr; }

  Effects on_available(const xmpp::Jid& session, const xmpp::Element& presence, bool initial);
  void on_unavailable(const xmpp::Jid& session);
  void on_end(const xmpp::Jid& session) { state_.listeners.erase(session); }
  // A client's answer to what we asked it: ids begin with question_prefix.
  Effects on_response(const xmpp::Element& iq, const xmpp::Jid& from);
  bool listens() const { return !state_.listeners.empty(); }
  // The last items of some nodes wait to be sent: read the data.
  bool wants_data() const;

  static constexpr std::string_view question_prefix = "caps-";

 private:
  Effects interests_changed(const xmpp::Jid& session, Listener& listener, Interests interests);
  xmpp::Element ask(const xmpp::Jid& session, Listener& listener);

  const std::string& domain_;
  Capabilities& capabilities_;
  State state_;
  bool known_ = false;  // the data, or that there is none
};

}  // namespace accounts
