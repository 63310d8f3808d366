// SPDX-License-Identifier: Apache-2.0
#include "bench/scenarios/selftest.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "bench/load/checker.h"
#include "bench/load/fleet.h"
#include "bench/load/scanner.h"
#include "bench/report.h"

namespace bench {
namespace {

constexpr std::size_t receivers = 5;
constexpr std::uint32_t senders = 3;
constexpr std::uint32_t messages = 60;

// What one receiver is sent, a stanza a string.
using Stream = std::vector<std::string>;
using Streams = std::vector<Stream>;

struct Case {
  std::string name;
  std::function<void(Streams&)> damage;
  std::function<bool(const Verdict&)> found;
};

std::string stanza(const Label& label) {
  return fmt::format(
      "<message type='groupchat' to='bench@localhost/x' from='room-{}@chat.localhost/n{}' "
      "id=\"a>b\"><body>{}</body><stanza-id xmlns='urn:xmpp:sid:0' id='x'/></message>",
      label.room, label.sender, make_body(label, 100));
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  text.replace(text.find(what), what.size(), with);
}

void double_at(Stream& stream, std::size_t i) {
  stream.insert(stream.begin() + static_cast<std::ptrdiff_t>(i), std::string(stream[i]));
}

void drop_at(Stream& stream, std::size_t i) {
  stream.erase(stream.begin() + static_cast<std::ptrdiff_t>(i));
}

void for_all(Streams& streams, const std::function<void(Stream&)>& damage) {
  for (auto& stream : streams) damage(stream);
}

void read_stream(const Stream& stream, std::size_t receiver, std::mt19937& random,
                 Checker& checker) {
  std::string bytes =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='localhost'>"
      "<presence from='room-0@chat.localhost/n1'><x><item/></x></presence> ";
  for (const auto& one : stream) bytes += one;
  Scanner scanner;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto piece = std::min<std::size_t>(1 + random() % 700, bytes.size() - at);
    const std::string copy = bytes.substr(at, piece);
    at += piece;
    scanner.begin(copy);
    while (const auto found = scanner.next()) {
      if (found->name != "message") continue;
      if (found->attr("type") == "error") {
        checker.refuse();
        continue;
      }
      const auto origin = read_origin(found->attr("from"));
      const auto body = found->body();
      checker.receive(0, receiver,
                      body && origin && origin->room == 0 ? read_body(*body) : std::nullopt,
                      origin ? origin->nick : 0);
    }
  }
}

Verdict run(const Case& one, unsigned seed) {
  std::mt19937 random(seed);
  Checker checker({receivers});
  Streams streams(receivers);
  for (std::uint32_t i = 0; i < messages; ++i) {
    const auto label = checker.send(0, i % senders);
    for (auto& stream : streams) stream.push_back(stanza(label));
  }
  if (one.damage) one.damage(streams);
  for (std::size_t i = 0; i < receivers; ++i) read_stream(streams[i], i, random, checker);
  return checker.verdict();
}

std::vector<Case> cases_at(std::size_t victim) {
  const auto at = fmt::format(" at receiver {}", victim);
  return {
      {"one lost" + at, [=](Streams& s) { drop_at(s[victim], 30); },
       [](const Verdict& v) { return v.lost == 1 && v.doubled + v.alien == 0; }},
      {"the first lost" + at, [=](Streams& s) { drop_at(s[victim], 0); },
       [](const Verdict& v) { return v.lost == 1; }},
      {"the last lost" + at, [=](Streams& s) { s[victim].pop_back(); },
       [](const Verdict& v) { return v.lost == 1 && v.reordered == 0; }},
      {"one doubled" + at, [=](Streams& s) { double_at(s[victim], 30); },
       [](const Verdict& v) { return v.doubled == 1 && v.lost + v.reordered == 0; }},
      {"two neighbours swapped" + at, [=](Streams& s) { std::swap(s[victim][30], s[victim][31]); },
       [](const Verdict& v) { return v.reordered != 0 && v.lost + v.doubled == 0; }},
      {"one sender's two swapped" + at,
       [=](Streams& s) { std::swap(s[victim][30], s[victim][30 + senders]); },
       [](const Verdict& v) { return v.reordered != 0 && v.lost + v.doubled == 0; }},
      {"one byte of a body changed" + at,
       [=](Streams& s) { replace(s[victim][30], "....<", "..,.<"); },
       [](const Verdict& v) { return v.alien == 1 && v.lost == 1; }},
      {"another's nick on a message" + at,
       [=](Streams& s) { replace(s[victim][30], "/n0'", "/n1'"); },
       [](const Verdict& v) { return v.alien == 1 && v.lost == 1; }},
      {"a message of another room" + at,
       [=](Streams& s) { replace(s[victim][30], "'room-0@", "'room-1@"); },
       [](const Verdict& v) { return v.alien == 1 && v.lost == 1; }},
      {"a message nobody sent" + at,
       [=](Streams& s) {
         s[victim].push_back(stanza({.room = 0, .sender = 0, .number = messages}));
       },
       [](const Verdict& v) { return v.alien == 1 && v.lost == 0; }},
  };
}

// A visit from the room's message 20 to its 39, damaged; the receiver who stays is undamaged. When
// the visitor had entered, 22 had been sent, and the one who stays had the first 38 when it asked
// to leave: 16 are owed.
constexpr std::size_t sent_at_entry = 22, had_at_leave = 38, owed_to_visit = 16;

struct VisitCase {
  const char* name;
  void (*damage)(Stream&);
  bool (*found)(const Verdict&);
};

constexpr VisitCase visit_cases[] = {
    {"a visit, nothing wrong", [](Stream&) {},
     [](const Verdict& v) { return v.clean() && v.owed == owed_to_visit; }},
    {"a visit that hears nothing", [](Stream& s) { s.clear(); },
     [](const Verdict& v) { return v.lost == owed_to_visit; }},
    {"a visit with no more than it is owed",
     [](Stream& s) {
       s.erase(s.begin() + 18, s.end());
       s.erase(s.begin(), s.begin() + 2);
     },
     [](const Verdict& v) { return v.clean(); }},
    {"the first owed to a visit lost", [](Stream& s) { s.erase(s.begin(), s.begin() + 3); },
     [](const Verdict& v) { return v.lost == 1 && v.doubled + v.reordered + v.alien == 0; }},
    {"the last owed to a visit lost", [](Stream& s) { s.erase(s.begin() + 17, s.end()); },
     [](const Verdict& v) { return v.lost == 1 && v.doubled + v.reordered + v.alien == 0; }},
    {"one lost in a visit", [](Stream& s) { drop_at(s, 10); },
     [](const Verdict& v) { return v.lost == 1 && v.doubled + v.reordered + v.alien == 0; }},
    {"one doubled in a visit", [](Stream& s) { double_at(s, 10); },
     [](const Verdict& v) { return v.doubled == 1 && v.lost + v.reordered + v.alien == 0; }},
    {"two swapped in a visit", [](Stream& s) { std::swap(s[10], s[11]); },
     [](const Verdict& v) { return v.reordered != 0 && v.lost + v.doubled + v.alien == 0; }},
    {"a message nobody sent in a visit",
     [](Stream& s) { s.push_back(stanza({.room = 0, .sender = 0, .number = messages})); },
     [](const Verdict& v) { return v.alien == 1 && v.lost + v.doubled + v.reordered == 0; }},
};

Verdict run(const VisitCase& one, unsigned seed) {
  std::mt19937 random(seed);
  Checker checker({1});
  const auto number = checker.begin_visit(0);
  Stream whole;
  for (std::uint32_t i = 0; i < messages; ++i) {
    if (i == sent_at_entry) checker.visit_entered(number);
    whole.push_back(stanza(checker.send(0, i % senders)));
  }
  const auto then = whole.begin() + had_at_leave;
  read_stream({whole.begin(), then}, 0, random, checker);
  checker.visit_leaves(number);
  read_stream({then, whole.end()}, 0, random, checker);
  Stream visit(whole.begin() + 20, whole.begin() + 40);
  one.damage(visit);
  for (const auto& text : visit) {
    Scanner scanner;
    const auto in_stream = "<s>" + text;
    scanner.begin(in_stream);
    scanner.next();
    const auto found = scanner.next();
    const auto origin = read_origin(found->attr("from"));
    checker.receive_in_visit(number, read_body(found->body().value_or("")), origin->nick);
  }
  return checker.verdict();
}

// A figure of at most 1, no less than -0.25, in a report with or without the server's process.
struct FigureCase {
  const char* name;
  double measured;
  bool metered, passes;
};

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr FigureCase figure_cases[] = {
    {"a figure at its limit", 1, true, true},
    {"a figure above its limit", 1.001, true, false},
    {"a figure at its floor", -0.25, true, true},
    {"a figure below its floor", -0.251, true, false},
    {"a figure that is no number", unknown, true, false},
    {"a figure that is infinite", std::numeric_limits<double>::infinity(), true, false},
    {"a figure of a process that is not known", unknown, false, true},
};

bool as_expected(const FigureCase& one) {
  Report report(one.metered);
  report.at_most("selftest", one.name, one.measured, "ms", 1, -0.25);
  return report.passed() == one.passes;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases{
      {"nothing wrong", {}, [](const Verdict& v) { return v.clean(); }},
      {"another order of two senders, the same for all",
       [](Streams& s) { for_all(s, [](Stream& one) { std::swap(one[30], one[31]); }); },
       [](const Verdict& v) { return v.clean(); }},
      {"one lost for all", [](Streams& s) { for_all(s, [](Stream& one) { drop_at(one, 30); }); },
       [](const Verdict& v) { return v.lost == receivers; }},
      {"one doubled for all",
       [](Streams& s) { for_all(s, [](Stream& one) { double_at(one, 30); }); },
       [](const Verdict& v) { return v.doubled == receivers; }},
      {"one sender's two swapped for all",
       [](Streams& s) { for_all(s, [](Stream& one) { std::swap(one[30], one[30 + senders]); }); },
       [](const Verdict& v) { return v.reordered >= receivers; }},
      {"one refused",
       [](Streams& s) {
         for_all(s, [](Stream& one) { drop_at(one, 30); });
         s[0].push_back(
             "<message type='error' from='room-0@chat.localhost'><error type='wait'/></message>");
       },
       [](const Verdict& v) { return v.refused == 1; }},
  };
  for (const std::size_t victim : {std::size_t{0}, std::size_t{1}, receivers - 1}) {
    auto more = cases_at(victim);
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  return cases;
}

template <class C>
bool as_expected(const C& one) {
  for (unsigned seed = 1; seed <= 20; ++seed)
    if (!one.found(run(one, seed))) return false;
  return true;
}

}  // namespace

bool run_selftest() {
  bool good = true;
  const auto tell = [&good](const auto& one) {
    const bool found = as_expected(one);
    fmt::print("{}  {}\n", found ? "pass  " : "FAILED", one.name);
    good = good && found;
  };
  for (const auto& one : all_cases()) tell(one);
  for (const auto& one : visit_cases) tell(one);
  for (const auto& one : figure_cases) tell(one);
  return good;
}

}  // namespace bench
