// SPDX-License-Identifier: Apache-2.0
#include "bench/load/person.h"

#include <fmt/format.h>

#include "bench/failed.h"

namespace bench {
namespace {

constexpr auto patience = std::chrono::seconds(30);

}  // namespace

Person::Person(Poller& poller, const Target& target, std::size_t account)
    : poller_(poller),
      target_(target),
      account_(account),
      client_(poller, static_cast<Client::Owner&>(*this), account) {
  poller_.give_up_at(target.give_up);
}

void Person::log_in(const Login& login) {
  client_.connect(target_, account(target_, account_), login);
  if (!poller_.run([this] { return online_; }, Clock::now() + patience))
    throw Failed(fmt::format("bench{} is not logged in after {} s", account_, patience.count()));
  client_.flush();
}

void Person::send(std::string_view xml) {
  client_.queue(xml);
  client_.flush();
}

std::string Person::ask(std::string_view xml, std::string_view id) {
  send(xml);
  const auto wanted = fmt::format("id='{}'", id), also = fmt::format("id=\"{}\"", id);
  return wait_for("an answer", [&](const std::string& text) {
    const auto tag = std::string_view(text).substr(0, text.find('>'));
    return tag.starts_with("<iq") &&
           (tag.find(wanted) != std::string_view::npos || tag.find(also) != std::string_view::npos);
  });
}

std::string Person::wait_for(const char* what,
                             const std::function<bool(const std::string&)>& fits) {
  std::string found;
  const auto look = [&] {
    while (!heard_.empty() && found.empty()) {
      if (fits(heard_.front())) found = std::move(heard_.front());
      heard_.pop_front();
    }
    return !found.empty();
  };
  if (!poller_.run(look, Clock::now() + patience))
    throw Failed(fmt::format("{} did not come in {} s", what, patience.count()));
  return found;
}

void Person::on_online(Client&) { online_ = true; }

void Person::on_stanza(Client&, const Stanza& stanza) {
  heard_at_ = Clock::now();
  if (stanza.name == "message" || stanza.name == "presence" || stanza.name == "iq") ++handled_;
  if (stanza.name == "enabled") handled_ = 0;
  if (stanza.name == "r")  // XEP-0198
    return client_.queue(fmt::format("<a xmlns='urn:xmpp:sm:3' h='{}'/>", handled_));
  heard_.emplace_back(stanza.text);
}

void Person::on_lost(Client&, std::string_view why) {
  throw Failed(fmt::format("bench{} was lost: {}", account_, why));
}

}  // namespace bench
