// SPDX-License-Identifier: Apache-2.0
// roster, resume: what one person waits for at the start of a session: a roster of a thousand, and
// (XEP-0198) the stream of before, with what was said meanwhile.
#include <fmt/format.h>

#include "bench/failed.h"
#include "bench/load/person.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

bool is_error(const std::string& stanza) {
  const auto tag = std::string_view(stanza).substr(0, stanza.find('>'));
  return tag.find("type='error'") != std::string_view::npos ||
         tag.find("type=\"error\"") != std::string_view::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

std::string get_roster(const std::string& id) {
  return fmt::format("<iq type='get' id='{}'><query xmlns='jabber:iq:roster'/></iq>", id);
}

void fill_roster(Person& person, std::size_t items) {
  for (std::size_t i = 0; i < items; ++i) {
    const auto id = fmt::format("set{}", i);
    const auto answer = person.ask(
        fmt::format(
            "<iq type='set' id='{}'><query xmlns='jabber:iq:roster'><item "
            "jid='contact-number-{}@example.org' name='Contact {}'><group>Colleagues</group>"
            "</item></query></iq>",
            id, i, i),
        id);
    if (is_error(answer) && i == 0)
      throw NotOffered("the server keeps no rosters (RFC 6121): it refuses the first item");
    if (is_error(answer))
      throw Failed(fmt::format("item {} of the roster was refused: {}", i, answer));
  }
}

// The value of an attribute of the element itself.
std::string attribute(const std::string& element, std::string_view name) {
  Scanner scanner;
  const auto text = "<s>" + element;
  scanner.begin(text);
  scanner.next();
  const auto stanza = scanner.next();
  return stanza ? std::string(stanza->attr(name)) : "";
}

// Messages that come before a ping is answered.
std::size_t messages_before_pong(Person& person, const Target& target, const std::string& id) {
  std::size_t messages = 0;
  person.send(fmt::format("<iq type='get' id='{}' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>", id,
                          target.domain));
  person.wait_for("an answer to a ping", [&](const std::string& text) {
    messages += text.starts_with("<message") ? 1 : 0;
    return text.starts_with("<iq") && attribute(text, "id") == id;
  });
  return messages;
}

}  // namespace

void measure_roster(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  const ProcessMeter meter(target.pid);
  {
    Person person(poller, target, 0);
    person.log_in();
    if (is_error(person.ask(get_roster("first"), "first")))
      throw NotOffered("the server keeps no rosters (RFC 6121)");
    fill_roster(person, sizes.roster_items);
    person.close();
  }
  std::vector<double> fresh, again;
  double used = 0;
  for (std::size_t i = 0; i < sizes.roster_logins; ++i) {
    Person person(poller, target, 0);
    person.log_in();
    for (const auto* id : {"fresh", "again"}) {
      const double cpu = meter.cpu_seconds();
      const auto start = Clock::now();
      const auto answer = person.ask(get_roster(id), id);
      (*id == 'f' ? fresh : again).push_back(seconds_between(start, person.heard_at()) * 1000);
      used += meter.cpu_seconds() - cpu;
      if (i == 0 && count(answer, "<item") != sizes.roster_items)
        throw Failed(fmt::format("the roster has {} items instead of {}", count(answer, "<item"),
                                 sizes.roster_items));
    }
    person.close();
  }
  const auto of = fmt::format("a roster of {}", sizes.roster_items);
  report.at_most("roster", of + " p50, first time after login", quantile(fresh, 0.5), "ms", 5);
  report.info("roster", of + " p99, first time after login", quantile(fresh, 0.99), "ms");
  report.info("roster", of + " p50, again", quantile(again, 0.5), "ms");
  report.info("roster", "server CPU for it",
              used * 1000 / static_cast<double>(2 * sizes.roster_logins), "ms");
}

void measure_resume(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  const ProcessMeter meter(target.pid);
  Person talker(poller, target, 1);
  talker.log_in();
  auto person = std::make_unique<Person>(poller, target, 0);
  person->log_in();
  if (!person->server_resumes()) throw NotOffered("the server has no stream management (XEP-0198)");
  person->send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const auto enabled = person->wait_for("<enabled/>", [](const std::string& text) {
    return text.starts_with("<enabled") || text.starts_with("<failed");
  });
  const auto id = attribute(enabled, "id");
  if (id.empty())
    throw NotOffered("the server manages streams but does not resume them (XEP-0198)");

  std::size_t wrong = 0, again = 0;
  std::vector<double> latencies;
  double used = 0;
  // One more than is timed: what was acknowledged last must not come again either.
  for (std::size_t i = 0; i <= sizes.resumptions; ++i) {
    const std::size_t pending = i == sizes.resumptions ? 0 : sizes.resume_pending;
    person->cut();
    for (std::size_t n = 0; n < pending; ++n)
      talker.send(
          fmt::format("<message type='chat' to='bench0@{}/bench' id='p{}-{}'><body>pending {}"
                      "-{}</body></message>",
                      target.domain, i, n, i, n));
    messages_before_pong(talker, target, fmt::format("sent{}", i));
    const double cpu = meter.cpu_seconds();
    const auto handled = person->handled();
    person = std::make_unique<Person>(poller, target, 0);
    person->count_on_from(handled);
    person->log_in(
        {.resume = fmt::format("<resume xmlns='urn:xmpp:sm:3' h='{}' previd='{}'/>", handled, id)});
    if (pending != 0) {
      latencies.push_back(person->resumed_in() * 1000);
      used += meter.cpu_seconds() - cpu;
    }
    for (std::size_t n = 0; n < pending; ++n) {
      const auto body = fmt::format("<body>pending {}-{}</body>", i, n);
      const auto message = person->wait_for("what was sent meanwhile", [](const std::string& text) {
        return text.starts_with("<message");
      });
      wrong += message.find(body) == std::string::npos ? 1 : 0;
    }
    again += messages_before_pong(*person, target, fmt::format("all{}", i));
  }
  report.at_most(
      "resume",
      fmt::format("from <resume/> to <resumed/> p50, {} messages waiting", sizes.resume_pending),
      quantile(latencies, 0.5), "ms", 1);
  report.info("resume", "the same p99", quantile(latencies, 0.99), "ms");
  report.info("resume", "server CPU for it, with connection and login",
              used * 1000 / static_cast<double>(sizes.resumptions), "ms");
  report.proof("resume",
               fmt::format("{} messages over {} cuts: each came, in order",
                           sizes.resumptions * sizes.resume_pending, sizes.resumptions),
               wrong == 0);
  report.proof("resume", fmt::format("none came again, nor after one more cut ({} did)", again),
               again == 0);
  person->close();
  talker.close();
}

}  // namespace bench
