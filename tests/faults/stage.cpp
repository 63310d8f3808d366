// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/stage.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/faults/faults.h"
#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"

namespace tests::faults {
namespace {

constexpr int tries_max = 30;
constexpr int messages = 10;

muc::ServiceConfig rooms_config() {
  muc::ServiceConfig config;
  config.domain = "chat.localhost";
  config.secrets.id_key = std::string(16, 'k');
  config.secrets.occupant_id_key = std::string(32, 'o');
  config.limits.rooms_per_owner = SIZE_MAX;
  return config;
}

std::string sql_text(std::string_view text) { return "'" + std::string(text) + "'"; }

// Rows that are written down in `refusal` are refused as a constraint would.
const char* const refusing_sqlite =
    "CREATE TABLE refusal (of TEXT, what TEXT);"
    "CREATE TRIGGER refuse_outbox BEFORE INSERT ON outbox WHEN EXISTS (SELECT 1 FROM refusal"
    " WHERE of = 'outbox' AND what = CAST(NEW.position AS TEXT))"
    " BEGIN SELECT RAISE(ABORT, 'refused'); END;"
    "CREATE TRIGGER refuse_history BEFORE INSERT ON history WHEN EXISTS (SELECT 1 FROM refusal"
    " WHERE of = 'history' AND NEW.stanza LIKE '%>' || what || '<%')"
    " BEGIN SELECT RAISE(ABORT, 'refused'); END;"
    "CREATE TRIGGER refuse_occupancy BEFORE INSERT ON occupancy WHEN EXISTS (SELECT 1 FROM refusal"
    " WHERE of = 'occupancy' AND what = NEW.nick)"
    " BEGIN SELECT RAISE(ABORT, 'refused'); END;";
const char* const refusing_postgres =
    "CREATE TABLE refusal (of text, what text);"
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    "  RAISE unique_violation; END $$;"
    "CREATE FUNCTION is_refused(t text, w text) RETURNS boolean LANGUAGE sql AS"
    "  'SELECT EXISTS (SELECT 1 FROM refusal WHERE of = t AND w LIKE what)';"
    "CREATE TRIGGER refuse_outbox BEFORE INSERT ON outbox FOR EACH ROW"
    "  WHEN (is_refused('outbox', NEW.position::text)) EXECUTE FUNCTION refuse();"
    "CREATE TRIGGER refuse_history BEFORE INSERT ON history FOR EACH ROW"
    "  WHEN (is_refused('history', substring(NEW.stanza FROM '<body>(.*)</body>')))"
    "  EXECUTE FUNCTION refuse();"
    "CREATE TRIGGER refuse_occupancy BEFORE INSERT ON occupancy FOR EACH ROW"
    "  WHEN (is_refused('occupancy', NEW.nick)) EXECUTE FUNCTION refuse();";

}  // namespace

Stage::Stage() : eyes_(world.place.content_url), hand_(world.place.content_url) {
  auto config = world.config();
  config.clock = &clock;
  world.record(config);
  REQUIRE(hand_.error(on_postgres() ? refusing_postgres : refusing_sqlite) == "");
  door_ = std::make_unique<server::Door>(world.content->recorder(), server::Door::Archive{},
                                         *world.log);
  host_ = std::make_unique<server::RoomHost>(
      rooms_config(),
      server::RoomHost::Parts{shards_, router_, workers_, world.content->recorder(),
                              world.content->rooms(), clock, world.random, *world.log, *door_});
  router_.add_service("chat.localhost", "rooms", *host_);
  for (Who* who : {&alice_, &bob_, &carol_, &dave_}) {
    *who = occupant(who == &alice_   ? "alice"
                    : who == &bob_   ? "bob"
                    : who == &carol_ ? "carol"
                                     : "dave");
    shards_[router_.home((*who)->jid())].post([this, added = *who] { router_.add(added); });
  }
  shards_.start();
  host_->start();
  enter(dave_);
}

Stage::~Stage() {
  disarm();
  let_through();
  shards_.stop();
  shards_.join();
  world.close();
}

Stage::Who Stage::occupant(const std::string& name) {
  return std::make_shared<Occupant>(
      name, [this](const xmpp::Element& stanza) { return unrecorded(stanza); });
}

// Rows of the room's, seen by somebody else than who wrote them.
std::int64_t Stage::count(const std::string& from_where) {
  const std::lock_guard lock(eyes_mutex_);
  std::vector<Sql::Row> rows;
  if (!eyes_.read("SELECT count(*) " + from_where, rows)) return -1;
  return std::stoll(rows.at(0).at(0));
}

// Record first, then speak.
std::string Stage::unrecorded(const xmpp::Element& stanza) {
  const auto from = xmpp::Jid::parse(stanza.attr("from"));
  if (!from || stanza.attr("type") == "error") return "";
  const std::string room =
      " JOIN room r ON r.id = t.room_id WHERE r.jid = " + sql_text(from->bare_str());
  const auto* body = stanza.child("body", stanza.ns());
  if (stanza.name() == "message" && body != nullptr &&
      count("FROM history t" + room + " AND t.stanza LIKE '%>" + body->text() + "<%'") != 1)
    return "unrecorded, but shown: " + body->text();
  if (stanza.name() != "presence" || from->resource().empty()) return "";
  const auto seats =
      count("FROM occupancy t" + room + " AND t.nick = " + sql_text(from->resource()));
  const std::string who = from->str();
  if (stanza.attr("type").empty()) return seats == 1 ? "" : "unrecorded, but shown inside: " + who;
  // The database, not the room, has put out whom the room was taken from.
  const auto* x = stanza.child("x", "http://jabber.org/protocol/muc#user");
  bool by_fault = false;
  if (x != nullptr)
    x->for_each_child(
        [&](const xmpp::Element& e) { by_fault = by_fault || e.attr("code") == "333"; });
  return by_fault || seats == 0 ? "" : "unrecorded, but shown outside: " + who;
}

std::string Stage::fresh_id() { return "id" + std::to_string(++ids_); }

void Stage::say(const Who& who, const std::string& xml) {
  shards_[router_.home(who->jid())].post(
      [this, who, xml] { router_.from_client(*who, std::move(parse_xml(xml).front())); });
}

void Stage::until(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (waiting()) while_answer_is_late();
    if (std::chrono::steady_clock::now() > deadline) FAIL("it did not come to pass in " + room_);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

// Two seconds are long enough: what is new is refused, at once and once.
void Stage::while_answer_is_late() {
  clock.advance(base::milliseconds(2100));
  if (!world.content->recorder().accepting()) {
    const std::string id = fresh_id();
    say(dave_, "<message type='groupchat' to='lobby@chat.localhost' id='" + id +
                   "'><body>is anybody there</body></message>");
    eventually([&] { return dave_->answers(id) > 0; });
    CHECK(dave_->answers(id) == 1);
    CHECK(dave_->error(id) == "wait");
    CHECK(waiting());
    ++door_was_shut_;
  }
  let_through();
}

void Stage::note_refused(const Who& who, const std::string& id) {
  ++refusals_;
  // Who has lost the room with the record of it is told that he is not in it.
  if (who->times_out() == 0) CHECK(who->error(id) == "wait");
  CHECK(hand_.error("DELETE FROM refusal") == "");
}

void Stage::enter(const Who& who) {
  for (int tries = 0; !who->inside(); ++tries) {
    REQUIRE(tries < tries_max);
    const int out = who->times_out();
    const std::string id = fresh_id();
    say(who, "<presence to='" + room_ + "@chat.localhost/" + who->name() + "' id='" + id +
                 "'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
    until([&] { return who->inside() || who->times_out() > out || !who->error(id).empty(); });
    if (!who->inside()) note_refused(who, id);
  }
}

void Stage::ask(const std::vector<Who>& inside, const std::string& payload) {
  const Who& who = inside.front();
  for (int tries = 0;; ++tries) {
    REQUIRE(tries < tries_max);
    for (const auto& other : inside) enter(other);  // they may have lost the room meanwhile
    const std::string id = fresh_id();
    say(who,
        "<iq type='set' to='" + room_ + "@chat.localhost' id='" + id + "'>" + payload + "</iq>");
    until([&] { return who->answers(id) > 0; });
    CHECK(who->answers(id) == 1);
    if (who->error(id).empty()) return;
    note_refused(who, id);
  }
}

void Stage::talk() {
  std::vector<Line> lines, answered;
  for (int i = 0; i < messages; ++i)
    lines.push_back({std::vector{alice_, bob_, carol_}[static_cast<std::size_t>(i) % 3],
                     "m" + std::to_string(i), ""});
  for (int tries = 0; !lines.empty(); ++tries) {
    REQUIRE(tries < tries_max);
    for (const auto& who : {alice_, bob_, carol_}) enter(who);
    for (auto& line : lines) {
      line.id = fresh_id();
      say(line.who, "<message type='groupchat' to='" + room_ + "@chat.localhost' id='" + line.id +
                        "'><body>" + line.body + "</body></message>");
    }
    until([&] {
      return std::ranges::all_of(lines, [](const Line& l) { return l.who->answers(l.id) > 0; });
    });
    std::vector<Line> again;
    for (auto& line : lines) {
      answered.push_back(line);
      if (line.who->error(line.id).empty()) {
        said_.insert(line.body);
        continue;
      }
      note_refused(line.who, line.id);
      again.push_back({line.who, line.body + "x", ""});
    }
    lines = std::move(again);
  }
  for (const auto& line : answered) CHECK(line.who->answers(line.id) == 1);
}

int Stage::play(const std::function<void(Step)>& at) {
  room_ = "r" + std::to_string(++rooms_);
  refusals_ = 0;
  said_.clear();
  for (const auto& who : {alice_, bob_, carol_}) who->start_over();
  const auto step = [&](Step s, const std::function<void()>& act) {
    at(s);
    act();
  };
  step(Step::create, [&] { enter(alice_); });
  step(Step::configure, [&] {
    ask({alice_},
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'/></query>");
  });
  step(Step::enter, [&] {
    enter(bob_);
    enter(carol_);
  });
  step(Step::talk, [&] { talk(); });
  step(Step::kick, [&] {
    ask({alice_, bob_},
        "<query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item nick='bob' role='none'/></query>");
    until([&] { return !bob_->inside(); });
  });
  step(Step::leave, [&] {
    for (const auto& who : {alice_, carol_}) enter(who);
    const int carol_out = carol_->times_out(), alice_out = alice_->times_out();
    say(carol_, "<presence type='unavailable' to='" + room_ + "@chat.localhost/carol'/>");
    until([&] { return !carol_->inside(); });
    if (carol_->times_out() > carol_out) {
      until([&] { return alice_->times_out() > alice_out; });
      note_refused(carol_, "");
    }
    enter(alice_);
  });
  at(Step::end);
  check();
  return refusals_;
}

void Stage::check() {
  const std::string room =
      " JOIN room r ON r.id = t.room_id WHERE r.jid = " + sql_text(room_ + "@chat.localhost");
  until([&] { return count("FROM occupancy t" + room) == 1; });
  CHECK(count("FROM occupancy t" + room + " AND t.nick = 'alice'") == 1);

  std::vector<std::string> history;
  for (const auto& row : hand_.rows("SELECT t.stanza FROM history t" + room + " ORDER BY t.number"))
    if (const auto stanza = parse_xml(row.at(0)).front();
        stanza.child("body", stanza.ns()) != nullptr)
      history.push_back(stanza.child("body", stanza.ns())->text());
  CHECK(std::set<std::string>(history.begin(), history.end()) == said_);
  CHECK(history.size() == said_.size());
  CHECK(history.size() == messages);
  for (const auto& who : {alice_, bob_, carol_}) {
    const auto heard = who->heard();
    INFO(who->name());
    CHECK(who->complaints() == std::vector<std::string>{});
    if (who->times_out() == 0) CHECK(heard == history);
    // Who was out meanwhile has missed something, and heard nothing twice or in another order.
    auto from = history.begin();
    for (const auto& body : heard) {
      from = std::find(from, history.end(), body);
      CHECK(from != history.end());
      if (from != history.end()) ++from;
    }
  }
  CHECK(dave_->heard() == std::vector<std::string>{});
  until([&] { return world.content->recorder().accepting(); });
}

void Stage::refuse(const std::string& table, const std::string& what) {
  std::string row = what;
  if (table == "outbox")
    row = std::to_string(hand_.number("SELECT max(position) FROM outbox") + std::stoll(what));
  REQUIRE(hand_.error("INSERT INTO refusal VALUES (" + sql_text(table) + ", " + sql_text(row) +
                      ")") == "");
}

}  // namespace tests::faults
