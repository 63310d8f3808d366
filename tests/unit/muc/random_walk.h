// SPDX-License-Identifier: Apache-2.0
// Some people who do anything at all in two rooms, step by step, and a model that says what must
// come of each step. A step that came out otherwise throws Mismatch.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/scripts/runner/memory_server.h"
#include "tests/unit/muc/random_model.h"
#include "tests/unit/muc/random_view.h"

namespace tests::reference {

struct Mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Walk {
 public:
  explicit Walk(std::uint64_t seed);
  void step();
  std::string last_steps() const;
  // How often each outcome was seen, so that a test can tell that a walk went everywhere.
  const std::map<Outcome, int>& outcomes() const { return outcomes_; }
  // How often somebody looked at a large room.
  int crowds() const { return crowds_; }

 private:
  using Inside = std::map<std::string, std::string>;  // session → nick
  struct Before {
    std::map<std::string, Inside> inside;
    std::set<std::string> may_see;  // "room session": who may see real addresses
  };

  // ---- random_steps.cpp
  void choose();
  void come();
  void go();
  void talk();
  void rank();
  void affiliate();
  void rule();
  void garbage();
  void pass();
  void upheaval();
  void enter(const std::string& nick, const std::string& password);

  // ---- random_questions.cpp
  void ask();
  void ask_room();
  void check_list(const std::string& attribute, const Outcome& expected,
                  const Model::Names& names) const;
  void ask_archive();
  void take_back();

  // ---- random_walk.cpp
  void send(const std::string& text, const Outcome& expected);
  void log(const std::string& line);
  void read_inboxes();
  void take_outside(const std::string& account, const xmpp::Element& message);
  void take(const std::string& full, const xmpp::Element& stanza);
  void check_answer(const Outcome& expected);
  void check_privacy(const std::string& full, const xmpp::Element& stanza) const;
  void check_views() const;
  void check_record();
  std::set<std::string> who_sees() const;
  void reconnect();
  std::size_t pick(std::size_t n);
  const std::string& one_of(const std::vector<std::string>& all) { return all[pick(all.size())]; }
  // Most of the time one who is more likely to be allowed what it tries.
  void prefer(Affiliation least);

  MemoryServer server_;
  SeededRandom random_;
  Model model_;
  std::vector<std::string> people_, accounts_;
  std::map<std::string, std::map<std::string, View>> views_;              // session → room
  std::map<std::string, std::map<std::string, std::vector<int>>> hears_;  // as the model has it
  std::string who_, room_;                                                // of this step
  Before before_;
  std::vector<xmpp::Element> answers_;
  std::vector<int> archived_;       // what the archive showed in this step
  std::map<int, std::string> ids_;  // number said → the id of the message
  Model::Sent sent_;
  int whispers_ = 0, spoken_ = 0, steps_ = 0;
  std::size_t checked_ = 0;                       // events
  std::map<std::int64_t, std::int64_t> numbers_;  // room → the last
  std::deque<std::string> steps_taken_;
  std::map<Outcome, int> outcomes_;
  int crowds_ = 0;
};

extern const std::vector<std::string> nicks, rooms;

}  // namespace tests::reference
