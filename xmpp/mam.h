// SPDX-License-Identifier: Apache-2.0
// XEP-0313 message archives (urn:xmpp:mam:2 with #extended): what is asked, and the stanzas of the
// answer. Whose archive it is and who may read it is the caller's affair.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "base/result.h"
#include "base/time.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"
#include "xmpp/rsm.h"

namespace xmpp {

// A query: what matches all that is given, and of that one page. Ids are as the asker wrote them.
struct MamQuery {
  std::string query_id;  // "" if none
  std::optional<Jid> with;
  std::optional<base::Time> start, end;  // both included
  std::optional<std::string> before_id, after_id;
  std::vector<std::string> ids;  // empty: not asked by id
  PageRequest page;
  bool flipped = false;  // the page is sent last message first
};

// Of a <query/>. A field that is not known: feature-not-implemented. A form that is not one, a date
// that is none, a field with two values: bad-request. A node (XEP-0442): item-not-found.
base::Result<MamQuery, StanzaError> parse_mam_query(const Element& query);

// The <query/> that names the fields which parse_mam_query() knows (4.1.5).
Element mam_form();

struct MamMessage {
  std::string_view id;  // in the archive
  base::Time at;
  std::string_view stanza;  // as xmpp::to_xml writes it in scope jabber:client; see forwardable()
  std::string_view more;    // XML that goes in as its last child, of the same form; "" if nothing
};
// Whether this text is a whole message, as far as its two ends tell.
bool forwardable(std::string_view stanza);
// One message of the answer, from `archive`. Its stanza must be forwardable.
base::Payload mam_result(const Jid& archive, std::string_view query_id, const MamMessage& message);

// What the answer ends with: the only child of the <iq/>.
struct MamFin {
  PageNote page = {};
  bool complete = false;  // there is nothing behind this page, in the direction it was asked for
  bool stable = true;
};
Element to_element(const MamFin& fin);

// What there is in an archive: its first and its last message.
struct MamMetadata {
  struct End {
    std::string id;
    base::Time at;
  };
  std::optional<End> start, end;  // none: it is empty
};
Element to_element(const MamMetadata& metadata);

}  // namespace xmpp
