// SPDX-License-Identifier: Apache-2.0
// enter: somebody enters a room of a thousand; what that costs the server, against a bare loop of
// as many write()s in the same run. lists: a room with ten thousand on its lists: the owner's form,
// and all members in pages as large as the server makes them and of a hundred.
#include <fmt/format.h>

#include <memory>

#include "bench/failed.h"
#include "bench/load/person.h"
#include "bench/scenarios/bare_loop.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr std::size_t slices = 6;
constexpr auto admin = "http://jabber.org/protocol/muc#admin";
constexpr auto owner = "http://jabber.org/protocol/muc#owner";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}
bool is_any(const std::string& text, std::string_view attribute, std::string_view value) {
  return has(text, fmt::format("{}='{}'", attribute, value)) ||
         has(text, fmt::format("{}=\"{}\"", attribute, value));
}

// The presence that tells the newcomer of itself.
std::string enter(Person& person, const std::string& room) {
  person.send(fmt::format(
      "<presence to='{}/visitor'><x xmlns='http://jabber.org/protocol/muc'/></presence>", room));
  auto self = person.wait_for("oneself inside", [](const std::string& text) {
    return text.starts_with("<presence") && is_any(text, "code", "110");
  });
  person.wait_for("the room's subject", [](const std::string& text) {
    return text.starts_with("<message") && has(text, "<subject");
  });
  return self;
}

void leave(Person& person, const std::string& room) {
  person.send(fmt::format("<presence to='{}/visitor' type='unavailable'/>", room));
  person.wait_for("oneself outside", [](const std::string& text) {
    return text.starts_with("<presence") && is_any(text, "type", "unavailable");
  });
}

// Until the server has nothing to do any more: everybody has been told.
void settle(Poller& poller, const ProcessMeter& meter) {
  constexpr double nothing = 0.0002;
  double before = meter.cpu_seconds();
  for (int quiet = 0; quiet < 3;) {
    poller.run_for(std::chrono::milliseconds(10));
    const double now = meter.cpu_seconds();
    quiet = now - before < nothing ? quiet + 1 : 0;
    before = now;
  }
}

std::string ask(Person& person, const std::string& iq, const std::string& id) {
  auto answer = person.ask(iq, id);
  if (!is_any(answer.substr(0, answer.find('>')), "type", "result"))
    throw Failed(fmt::format("refused: {}", answer.substr(0, 500)));
  return answer;
}

std::string request(const std::string& room, const char* type, const std::string& id,
                    const char* ns, const std::string& what) {
  return fmt::format("<iq type='{}' id='{}' to='{}'><query xmlns='{}'>{}</query></iq>", type, id,
                     room, ns, what);
}

void fill(Person& person, const std::string& room, std::size_t members) {
  constexpr std::size_t at_once = 500;
  for (std::size_t first = 0; first < members; first += at_once) {
    std::string items;
    for (std::size_t i = first; i < std::min(members, first + at_once); ++i)
      items += fmt::format("<item affiliation='member' jid='member-{:05}@example.org'/>", i);
    const auto id = fmt::format("fill{}", first);
    ask(person, request(room, "set", id, admin, items), id);
  }
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

struct Took {
  std::vector<double> millis;
  std::size_t items = 0, answers = 0;
  double cpu = 0;
};

// All of the list, page by page. `max`: "" for as large as the server makes them.
Took read_all(Person& person, const ProcessMeter& meter, const std::string& room,
              const std::string& max) {
  Took took;
  std::string after;
  const double cpu = meter.cpu_seconds();
  const auto begun = Clock::now();
  for (;;) {
    const auto id = fmt::format("page{}", took.answers++);
    const auto answer =
        ask(person,
            request(room, "get", id, admin,
                    "<item affiliation='member'/><set xmlns='http://jabber.org/protocol/rsm'>" +
                        max + "<after>" + after + "</after></set>"),
            id);
    took.items += count(answer, "<item ");
    const auto last = answer.find("<last>");
    if (last == std::string::npos) break;
    after = answer.substr(last + 6, answer.find('<', last + 6) - last - 6);
  }
  took.millis.push_back(seconds_between(begun, Clock::now()) * 1000);
  took.cpu = meter.cpu_seconds() - cpu;
  return took;
}

void report_list(Report& report, const std::string& how, const Took& took, std::size_t members) {
  report.proof("lists", fmt::format("everybody is on the list, {}", how), took.items == members);
  report.info("lists", fmt::format("the whole list, {}, {} answers", how, took.answers),
              took.millis.front(), "ms");
  report.info("lists", fmt::format("server CPU for it, {}", how), took.cpu * 1000, "ms");
}

}  // namespace

void measure_enter(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  const auto rooms = one_room(sizes.occupants);
  fleet.log_in(sizes.occupants);
  fleet.enter(rooms, 50);
  const std::string room = fleet.room_jid(0);
  // Several, for an account enters a room only so often.
  std::vector<std::unique_ptr<Person>> visitors;
  for (std::size_t i = 0; i < enter_visitors; ++i) {
    visitors.push_back(std::make_unique<Person>(poller, target, sizes.occupants + i));
    visitors.back()->log_in();
  }
  const std::size_t bytes = enter(*visitors[0], room).size();  // warm
  leave(*visitors[0], room);
  BareLoop bare(sizes.occupants + 1, bytes);
  bare.run(20);
  const std::size_t visits = std::max<std::size_t>(1, sizes.visits / slices);
  double bare_cpu = 0, used = 0;
  std::size_t next = 0;
  for (std::size_t slice = 0; slice < slices; ++slice) {
    for (std::size_t i = 0; i < visits; ++i) {
      Person& visitor = *visitors[++next % visitors.size()];
      settle(poller, meter);
      const double cpu = meter.cpu_seconds();
      enter(visitor, room);
      settle(poller, meter);
      used += meter.cpu_seconds() - cpu;
      leave(visitor, room);
    }
    bare_cpu += bare.run(visits);
  }
  const double entry = used / static_cast<double>(visits * slices);
  const double loop = bare_cpu / slices * static_cast<double>(sizes.occupants + 1);
  report.info("enter",
              fmt::format("bare loop: CPU for {} write()s of {} bytes", sizes.occupants + 1, bytes),
              loop * 1000, "ms");
  report.info("enter", "server CPU of one entry", entry * 1000, "ms");
  // In a small room the commit outweighs the presences.
  constexpr std::size_t large = 1000;
  const auto* const ratio = "server CPU of one entry / bare loop";
  if (sizes.occupants >= large)
    report.at_most("enter", ratio, entry / loop, "×", 1.5);
  else
    report.info("enter", ratio, entry / loop, "×");
  fleet.close_all();
}

void measure_lists(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  const ProcessMeter meter(target.pid);
  Person person(poller, target, 0);
  person.log_in();
  const std::string room = "lists@" + target.service;
  enter(person, room);
  ask(person, request(room, "set", "unlock", owner, "<x xmlns='jabber:x:data' type='submit'/>"),
      "unlock");
  fill(person, room, sizes.members);
  std::vector<double> forms;
  const double cpu = meter.cpu_seconds();
  for (std::size_t i = 0; i < sizes.forms; ++i) {
    const auto id = fmt::format("form{}", i);
    const auto begun = Clock::now();
    ask(person, request(room, "get", id, owner, ""), id);
    forms.push_back(seconds_between(begun, person.heard_at()) * 1000);
  }
  const double used = (meter.cpu_seconds() - cpu) / static_cast<double>(sizes.forms);
  report.at_most("lists", fmt::format("the owner's form, {} members, p50", sizes.members),
                 quantile(forms, 0.5), "ms", 20);
  report.info("lists", "the owner's form, p99", quantile(forms, 0.99), "ms");
  report.info("lists", "server CPU for it", used * 1000, "ms");
  report_list(report, "in pages as large as may be", read_all(person, meter, room, ""),
              sizes.members);
  report_list(report, "in pages of 100", read_all(person, meter, room, "<max>100</max>"),
              sizes.members);
  person.close();
}

}  // namespace bench
