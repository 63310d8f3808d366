// SPDX-License-Identifier: Apache-2.0
// From a personal event to its rows (record/personal.h). Writing the same again changes nothing.
// For derive.cpp.
#pragma once

#include "db/stores/people/message_archive_rows.h"
#include "db/stores/people/personal_rows.h"
#include "record/personal.h"

namespace db {

class PersonalDerivation {
 public:
  explicit PersonalDerivation(Session& s)
      : contact_(s),
        group_(s),
        no_contact_(s),
        no_groups_(s),
        private_xml_(s),
        vcard_(s),
        node_(s),
        item_(s),
        no_item_(s),
        no_node_(s),
        no_items_(s),
        forget0_(s),
        forget1_(s),
        forget2_(s),
        forget3_(s),
        forget4_(s),
        forget5_(s),
        forget6_(s),
        forget7_(s),
        forget8_(s),
        archiving_(s) {}

  // Throw DatabaseError, or Refused if there is no such account or node.
  void write(const record::RosterChanged& e);
  void write(const record::PrivateXmlChanged& e);
  void write(const record::VcardChanged& e);
  void write(const record::PepNodeChanged& e);
  void write(const record::PepItemChanged& e);
  void write(const record::ArchivePreferencesChanged& e);
  // Of an account that is removed.
  void forget(const std::string& localpart);

 private:
  Prepared<rows::PutRosterItem> contact_;
  Prepared<rows::PutRosterGroup> group_;
  Prepared<rows::DeleteContact<0>> no_contact_;
  Prepared<rows::DeleteContact<1>> no_groups_;
  Prepared<rows::PutPrivateXml> private_xml_;
  Prepared<rows::PutVcard> vcard_;
  Prepared<rows::PutPepNode> node_;
  Prepared<rows::PutPepItem> item_;
  Prepared<rows::DeletePepItem> no_item_;
  Prepared<rows::DeletePepNode<0>> no_node_;
  Prepared<rows::DeletePepNode<1>> no_items_;
  Prepared<rows::ForgetPerson<0>> forget0_;
  Prepared<rows::ForgetPerson<1>> forget1_;
  Prepared<rows::ForgetPerson<2>> forget2_;
  Prepared<rows::ForgetPerson<3>> forget3_;
  Prepared<rows::ForgetPerson<4>> forget4_;
  Prepared<rows::ForgetPerson<5>> forget5_;
  Prepared<rows::ForgetPerson<6>> forget6_;
  Prepared<rows::ForgetPerson<7>> forget7_;
  Prepared<rows::ForgetPerson<8>> forget8_;
  Prepared<rows::PutArchivePreferences> archiving_;
};

}  // namespace db
