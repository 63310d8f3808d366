// SPDX-License-Identifier: Apache-2.0
// What people do.
#include "tests/unit/muc/random_walk.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace tests::reference {

namespace {

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

std::string field(const std::string& var, const std::string& value) {
  return "<field var='muc#roomconfig_" + var + "'><value>" + value + "</value></field>";
}
std::string flag(const std::string& var, bool value) { return field(var, value ? "1" : "0"); }

std::string shown(const Settings& s) {
  std::string roles;
  for (const Role role : s.shown) roles += "<value>" + name(role) + "</value>";
  return "<field var='muc#roomconfig_presencebroadcast'>" + roles + "</field>";
}

std::string form(const Settings& s) {
  return flag("membersonly", s.members_only) + flag("moderatedroom", s.moderated) +
         flag("passwordprotectedroom", s.is_protected) + field("roomsecret", s.secret) +
         field("whois", s.anyone_sees_jids ? "anyone" : "moderators") +
         flag("persistentroom", s.persistent) + flag("changesubject", s.subject_by_all) +
         flag("allowinvites", s.allow_invites) + flag("enablelogging", s.logged) +
         flag("publicroom", s.is_public) + field("allowpm", s.allow_pm) + shown(s);
}

std::string iq(const std::string& room, const std::string& ns, const std::string& content) {
  return "<iq type='set' to='" + room + "'><query xmlns='http://jabber.org/protocol/muc#" + ns +
         "'>" + content + "</query></iq>";
}

}  // namespace

void Walk::choose() {
  const std::size_t dice = pick(100);
  if (dice < 27) return come();
  if (dice < 34) return go();
  if (dice < 51) return talk();
  if (dice < 56) return take_back();
  if (dice < 65) return rank();
  if (dice < 76) return affiliate();
  if (dice < 84) return rule();
  if (dice < 90) return ask();
  if (dice < 94) return garbage();
  if (dice < 98) return pass();
  upheaval();
}

void Walk::come() {
  const std::string nick = one_of(nicks);
  if (pick(4) != 0) return enter(nick, pick(4) == 0 ? "" : "sesame");
  send("<presence to='" + room_ + "/" + nick + "'><show>away</show></presence>",
       model_.available(who_, room_, nick));
}

void Walk::go() {
  if (pick(4) != 0)
    return send("<presence type='unavailable' to='" + room_ + "/x'/>", model_.leave(who_, room_));
  log(who_ + " disconnects");
  for (const auto& room : rooms) model_.leave(who_, room);
  server_.disconnect(jid(who_));
  server_.connect(jid(who_));
  views_.erase(who_);
  read_inboxes();
}

void Walk::talk() {
  const std::size_t kind = pick(8);
  if (kind < 4) {
    const int number = ++spoken_;
    const Outcome expected = model_.speak(who_, room_, number);
    if (expected == "ok")
      for (const auto& [full, nick] : model_.sessions(room_)) hears_[full][room_].push_back(number);
    return send("<message type='groupchat' to='" + room_ + "'><body>" + std::to_string(number) +
                    "</body></message>",
                expected);
  }
  if (kind < 6) {
    const std::string text = "about " + std::to_string(steps_);
    return send(
        "<message type='groupchat' to='" + room_ + "'><subject>" + text + "</subject></message>",
        model_.subject(who_, room_, text));
  }
  const std::string nick = one_of(nicks);
  const Outcome expected = model_.whisper(who_, room_, nick);
  send("<message type='chat' to='" + room_ + "/" + nick + "'><body>psst</body></message>",
       expected);
  const std::size_t heard =
      expected == "ok" ? model_.room(room_)->inside.at(nick).sessions.size() : 0;
  if (static_cast<std::size_t>(whispers_) != heard) throw Mismatch("others heard the whisper");
}

void Walk::rank() {
  prefer(Affiliation::admin);
  const std::string nick = one_of(nicks);
  const Role to = static_cast<Role>(pick(4));
  send(iq(room_, "admin", "<item nick='" + nick + "' role='" + name(to) + "'/>"),
       model_.change_role(who_, room_, nick, to));
}

void Walk::affiliate() {
  prefer(pick(2) == 0 ? Affiliation::admin : Affiliation::owner);
  const std::string account = one_of(accounts_);
  if (pick(4) == 0)
    return send("<message to='" + room_ + "'><x xmlns='http://jabber.org/protocol/muc#user'>" +
                    "<invite to='" + account + "'/></x></message>",
                model_.invite(who_, room_, account));
  // The banned are let in again often enough for the rooms not to stay empty.
  const Affiliation choices[] = {Affiliation::outcast, Affiliation::none,   Affiliation::none,
                                 Affiliation::member,  Affiliation::member, Affiliation::admin,
                                 Affiliation::owner};
  Model::Changes changes{{account, choices[pick(std::size(choices))]}};
  if (const std::string other = one_of(accounts_); other != account && pick(4) == 0)
    changes.emplace_back(other, choices[pick(std::size(choices))]);
  std::string items;
  for (const auto& [jid, to] : changes)
    items += "<item jid='" + jid + "' affiliation='" + name(to) + "'/>";
  send(iq(room_, "admin", items), model_.change_affiliations(who_, room_, changes));
}

void Walk::rule() {
  prefer(Affiliation::owner);
  const std::size_t kind = pick(12);
  if (kind == 0) return send(iq(room_, "owner", "<destroy/>"), model_.destroy(who_, room_));
  if (kind == 1)
    return send(iq(room_, "owner", "<x xmlns='jabber:x:data' type='cancel'/>"),
                model_.cancel(who_, room_));
  const Room* room = model_.room(room_);
  Settings wanted = room == nullptr ? Settings{} : room->settings;
  wanted.members_only = pick(4) == 0;
  wanted.moderated = pick(3) == 0;
  wanted.is_protected = pick(5) == 0;
  wanted.secret = pick(3) == 0 ? "" : "sesame";
  wanted.persistent = pick(3) != 0;
  wanted.is_public = pick(4) != 0;
  wanted.logged = pick(4) != 0;
  if (pick(2) == 0) wanted.anyone_sees_jids = !wanted.anyone_sees_jids;
  if (pick(2) == 0) wanted.subject_by_all = !wanted.subject_by_all;
  if (pick(2) == 0) wanted.allow_invites = !wanted.allow_invites;
  wanted.allow_pm = one_of({"anyone", "participants", "moderators", "none"});
  if (pick(2) == 0) wanted.shown.clear();
  for (const Role role : {Role::visitor, Role::participant, Role::moderator})
    if (pick(4) != 0) wanted.shown.insert(role);
  const Outcome expected = model_.configure(who_, room_, wanted);
  send(iq(room_, "owner", "<x xmlns='jabber:x:data' type='submit'>" + form(wanted) + "</x>"),
       expected);
}

// Changes nothing, whoever sends it and whatever it is answered.
void Walk::garbage() {
  static const char* const kinds[] = {
      "<presence type='probe' to='%'/>",
      "<presence type='error' to='%/oak'/>",
      "<presence type='subscribe' to='%'/>",
      "<presence to='%'/>",
      "<message type='error' to='%'/>",
      "<message to='%'/>",
      "<message type='groupchat' to='%/oak'><body>0</body></message>",
      "<iq type='result' to='%/oak'/>",
      "<iq type='set' to='%'><query xmlns='http://jabber.org/protocol/muc#admin'/></iq>",
      "<iq type='set' to='%'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
      "<iq type='set' to='%'><query xmlns='http://jabber.org/protocol/muc#admin'>"
      "<item nick='oak' role='king'/></query></iq>",
      "<iq type='set' to='%'><query xmlns='http://jabber.org/protocol/muc#admin'>"
      "<item affiliation='owner'/></query></iq>",
      "<iq type='get' to='%'><q xmlns='urn:x'/></iq>",
  };
  std::string text = kinds[pick(std::size(kinds))];
  text.replace(text.find('%'), 1, room_);
  send(text, "anything");
}

void Walk::pass() {
  const auto seconds = static_cast<std::int64_t>(20 + pick(60));
  log("time passes");
  server_.advance(base::seconds(seconds));
  model_.pass(seconds);
  read_inboxes();
}

// What goes wrong with the server itself; each room is read again from what was recorded.
void Walk::upheaval() {
  const std::size_t kind = pick(3);
  if (kind == 0) {
    log("the record of " + room_ + " fails");
    server_.drop(jid(room_));
    server_.wake(jid(room_));
    model_.everybody_out(room_);
    return read_inboxes();
  }
  log(kind == 1 ? "shut down" : "crash");
  if (kind == 1) {
    server_.shut_down();
    for (const auto& room : rooms) model_.shut_down(room);
    read_inboxes();
  }
  server_.restart();
  reconnect();
  views_.clear();
  for (const auto& room : rooms) {
    server_.wake(jid(room));
    model_.everybody_out(room);
  }
  read_inboxes();
}

}  // namespace tests::reference
