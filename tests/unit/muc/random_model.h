// SPDX-License-Identifier: Apache-2.0
// What the specification says must come of each step, worked out once more: data and rules of its
// own, so that a mistake in muc/ is not repeated here.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tests::reference {

enum class Affiliation { outcast, none, member, admin, owner };
enum class Role { none, visitor, participant, moderator };
std::string name(Affiliation a);
std::string name(Role r);

std::string account_of(const std::string& full);

// "ok", "ignored", "desync" (told that it is not inside), or the condition of an error.
using Outcome = std::string;

struct Occupant {
  std::string account;
  std::vector<std::string> sessions;
  Role role = Role::none;
  bool seen = false;  // by the others
};

// How many may be inside before a room is a large one.
constexpr std::size_t large = 4;

struct Settings {
  bool members_only = false, moderated = false, is_protected = false, anyone_sees_jids = false;
  bool persistent = true, subject_by_all = false, allow_invites = false, is_public = true;
  bool logged = true;
  std::string secret, allow_pm = "anyone";
  std::set<Role> shown{Role::visitor, Role::participant, Role::moderator};
};

// What stands in the archive: a number that somebody said, or what random_view.h calls the rest.
struct Said {
  int what = 0;
  std::string account;
  bool gone = false;  // taken back: a tombstone stands there
};

struct Room {
  std::map<std::string, Affiliation> lists;  // account → what it is; "none" may be left out
  std::map<std::string, Occupant> inside;    // by nick
  std::map<std::string, bool> voice;         // account → granted or taken, where that is unusual
  Settings settings;
  bool locked = true, crowded = false;
  std::string subject;
  std::vector<Said> said;
  std::int64_t created = 0, empty_since = 0;

  Affiliation affiliation(const std::string& account) const;
  // The nick of the session; "" if it is not inside.
  std::string nick_of(const std::string& full) const;
  bool may_enter(Affiliation a) const;
  // The newest that one who enters is given, or that an archive shows.
  std::vector<int> history(std::size_t most) const;
  std::vector<int> archive(std::size_t most) const;
};

class Model {
 public:
  const Room* room(const std::string& jid) const;
  // Everything recorded as inside: session → nick.
  std::map<std::string, std::string> sessions(const std::string& jid) const;
  // What the last step must have led to: invitations, and messages to people who were not inside
  // that they have another affiliation now (18.1, status 101).
  struct Sent {
    int invitations = 0, notices = 0;
    friend bool operator==(const Sent&, const Sent&) = default;
  };
  Sent sent;

  Outcome enter(const std::string& who, const std::string& jid, const std::string& nick,
                const std::string& password);
  Outcome available(const std::string& who, const std::string& jid, const std::string& nick);
  Outcome leave(const std::string& who, const std::string& jid);
  Outcome speak(const std::string& who, const std::string& jid, int number);
  Outcome subject(const std::string& who, const std::string& jid, const std::string& text);
  Outcome whisper(const std::string& who, const std::string& jid, const std::string& nick);
  Outcome invite(const std::string& who, const std::string& jid, const std::string& account);
  Outcome change_role(const std::string& who, const std::string& jid, const std::string& nick,
                      Role to);
  // All of them or none.
  using Changes = std::vector<std::pair<std::string, Affiliation>>;
  Outcome change_affiliations(const std::string& who, const std::string& jid,
                              const Changes& changes);
  Outcome configure(const std::string& who, const std::string& jid, const Settings& wanted);
  Outcome cancel(const std::string& who, const std::string& jid);
  Outcome destroy(const std::string& who, const std::string& jid);
  Outcome ask(const std::string& who, const std::string& jid) const;

  // ---- random_model_record.cpp
  // Somebody takes back this number, its own or, as a moderator, whosever it is.
  Outcome take_back(const std::string& who, const std::string& jid, int number);
  bool is_gone(const std::string& jid, int number) const;
  Outcome moderate(const std::string& who, const std::string& jid, int number);
  Outcome read_archive(const std::string& who, const std::string& jid) const;
  // Whom a list names: accounts, or nicks.
  using Names = std::set<std::string>;
  Outcome list(const std::string& who, const std::string& jid, Affiliation which,
               Names& found) const;
  Outcome list(const std::string& who, const std::string& jid, Role which, Names& found) const;
  Outcome ping_self(const std::string& who, const std::string& jid, const std::string& nick) const;

  void pass(std::int64_t seconds);
  // The room has been forgotten and read again: nobody is inside.
  void everybody_out(const std::string& jid);
  void shut_down(const std::string& jid);

 private:
  Room* find(const std::string& jid);
  // Why it is told that there is no room, or "".
  Outcome absent(const std::string& who, const std::string& jid, bool asks) const;
  Outcome move(Room& room, const std::string& who, const std::string& nick);
  static void look(Room& room);  // after anything changed: who is seen
  void set(Room& room, const std::string& account, Affiliation to);
  void after_leaving(const std::string& jid);

  std::map<std::string, Room> rooms_;
  std::int64_t now_ = 0;
};

}  // namespace tests::reference
