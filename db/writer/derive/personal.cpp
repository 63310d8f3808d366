// SPDX-License-Identifier: Apache-2.0
#include "db/writer/derive/personal.h"

#include "db/writer/derive/must_change.h"

namespace db {

void PersonalDerivation::write(const record::RosterChanged& e) {
  no_groups_.row.localpart = e.localpart;
  no_groups_.row.jid = e.contact.str();
  no_groups_.run();
  if (e.removed) {
    no_contact_.row.localpart = e.localpart;
    no_contact_.row.jid = e.contact.str();
    no_contact_.run();
    return;
  }
  contact_.row.localpart = e.localpart;
  contact_.row.jid = e.contact.str();
  contact_.row.name = e.name;
  must_change(contact_.run(), "contacts of no account");
  for (const auto& group : e.groups) {
    group_.row.localpart = e.localpart;
    group_.row.jid = e.contact.str();
    group_.row.name = group;
    group_.run();
  }
}

void PersonalDerivation::write(const record::PrivateXmlChanged& e) {
  private_xml_.row.localpart = e.localpart;
  private_xml_.row.ns = e.ns;
  private_xml_.row.name = e.name;
  private_xml_.row.xml = e.xml;
  must_change(private_xml_.run(), "private XML of no account");
}

void PersonalDerivation::write(const record::VcardChanged& e) {
  vcard_.row.localpart = e.localpart;
  vcard_.row.xml = e.xml;
  must_change(vcard_.run(), "a vCard of no account");
}

void PersonalDerivation::write(const record::PepNodeChanged& e) {
  if (e.removed) {
    no_items_.row.localpart = no_node_.row.localpart = e.localpart;
    no_items_.row.node = no_node_.row.node = e.node;
    no_items_.run();
    no_node_.run();
    return;
  }
  node_.row.localpart = e.localpart;
  node_.row.node = e.node;
  node_.row.options = e.options;
  must_change(node_.run(), "a node of no account");
}

void PersonalDerivation::write(const record::PepItemChanged& e) {
  if (e.removed) {
    no_item_.row.localpart = e.localpart;
    no_item_.row.node = e.node;
    no_item_.row.id = e.id;
    no_item_.run();
    return;
  }
  item_.row.localpart = e.localpart;
  item_.row.node = e.node;
  item_.row.id = e.id;
  item_.row.seq = e.seq;
  item_.row.xml = e.xml;
  must_change(item_.run(), "an item of no node");
}

void PersonalDerivation::write(const record::ArchivePreferencesChanged& e) {
  const auto lines = [](const std::vector<xmpp::Jid>& jids) {
    std::string text;
    for (const auto& jid : jids) text.append(jid.str()).append(1, '\n');
    return text;
  };
  archiving_.row.localpart = e.localpart;
  archiving_.row.fallback = static_cast<int>(e.fallback);
  archiving_.row.always = lines(e.always);
  archiving_.row.never = lines(e.never);
  must_change(archiving_.run(), "preferences of no account");
}

void PersonalDerivation::forget(const std::string& localpart) {
  const auto run = [&](auto& statement) {
    statement.row.localpart = localpart;
    statement.run();
  };
  run(forget0_);
  run(forget1_);
  run(forget2_);
  run(forget3_);
  run(forget4_);
  run(forget5_);
  run(forget6_);
  run(forget7_);
  run(forget8_);
}

}  // namespace db
