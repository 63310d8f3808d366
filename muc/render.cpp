// SPDX-License-Identifier: Apache-2.0
#include "muc/render.h"

#include "muc/feature.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  xmpp::append_escaped(out, value);
  out += '\'';
}

std::string jid_attribute(const xmpp::Jid& real) {
  std::string out;
  append_attribute(out, "jid", real.str());
  return out;
}

// Returns where the real JID stands or would stand.
std::size_t append_item(std::string& out, const Occupant& occupant, const Shape& shape,
                        const xmpp::Jid* real) {
  const bool gone = shape.unavailable && shape.new_nick.empty() && !shape.inside;
  const Role role = gone ? Role::none : occupant.role;
  out += "<item";
  append_attribute(out, "affiliation", record::name(occupant.affiliation));
  append_attribute(out, "role", record::name(role));
  const std::size_t jid_at = out.size();
  if (real != nullptr) out += jid_attribute(*real);
  if (!shape.new_nick.empty()) append_attribute(out, "nick", shape.new_nick);
  if (shape.actor_nick.empty() && shape.reason.empty()) {
    out += "/>";
    return jid_at;
  }
  out += '>';
  if (!shape.actor_nick.empty()) {
    out += "<actor";
    append_attribute(out, "nick", shape.actor_nick);
    out += "/>";
  }
  if (!shape.reason.empty()) {
    out += "<reason>";
    xmpp::append_escaped(out, shape.reason);
    out += "</reason>";
  }
  out += "</item>";
  return jid_at;
}

std::string decorations(const Room& room, const Occupant& occupant) {
  xmpp::Element holder("presence", xmpp::ns::client);
  for_each_hook<&Feature::decorate_presence>(room, occupant, holder);
  return presence_payload(holder);
}

struct Written {
  base::Payload payload;
  std::uint32_t jid_at = 0;
};

Written write(const Occupant& occupant, const Shape& shape, const Session& session,
              const xmpp::Jid* real, std::string_view decoration) {
  std::string out;
  out.reserve(400 + session.extra.size());
  out += "<presence";
  const auto hole = static_cast<std::uint32_t>(out.size());
  append_attribute(out, "from", occupant.jid.str());
  if (shape.unavailable) append_attribute(out, "type", "unavailable");
  if (!shape.id.empty()) append_attribute(out, "id", shape.id);
  if (!session.lang.empty()) append_attribute(out, "xml:lang", session.lang);
  out += '>';
  out += shape.unavailable ? shape.farewell : std::string_view(session.extra);
  out += "<x xmlns='http://jabber.org/protocol/muc#user'>";
  const auto jid_at = static_cast<std::uint32_t>(append_item(out, occupant, shape, real));
  for (const Status status : shape.codes) {
    out += "<status";
    append_attribute(out, "code", std::to_string(static_cast<int>(status)));
    out += "/>";
  }
  out += "</x>";
  out += decoration;
  out += "</presence>";
  out.shrink_to_fit();
  return {base::make_payload(std::move(out), hole), jid_at};
}

// What was written without the real JID, with it.
base::Payload with_jid(const Written& written, const xmpp::Jid& real) {
  const std::string& bytes = *written.payload.bytes;
  const std::string jid = jid_attribute(real);
  std::string out;
  out.reserve(bytes.size() + jid.size());
  out.append(bytes, 0, written.jid_at).append(jid).append(bytes, written.jid_at);
  return base::make_payload(std::move(out), written.payload.splice_at);
}

const Session& shown_by(const Occupant& occupant) { return occupant.sessions[occupant.primary]; }

}  // namespace

std::string presence_payload(const xmpp::Element& presence) {
  std::string out;
  presence.for_each_child(
      [&](const xmpp::Element& child) { xmpp::append_xml(out, child, xmpp::ns::client); });
  return out;
}

base::Payload render(const Room& room, const Occupant& occupant, const Shape& shape, bool with_jid,
                     const Session* session) {
  const Session& shown = session != nullptr ? *session : shown_by(occupant);
  return write(occupant, shape, shown, with_jid ? &shown.jid : nullptr, decorations(room, occupant))
      .payload;
}

Variants render_both(const Room& room, const Occupant& occupant, const Shape& shape) {
  const Session& shown = shown_by(occupant);
  const xmpp::Jid* real = room.shows_jids ? &shown.jid : nullptr;
  const Written written = write(occupant, shape, shown, real, decorations(room, occupant));
  if (room.shows_jids) return {written.payload, written.payload};
  return {with_jid(written, shown.jid), written.payload};
}

void refresh(const Room& room, Occupant& occupant) {
  const Session& shown = shown_by(occupant);
  const xmpp::Jid* real = room.shows_jids ? &shown.jid : nullptr;
  auto [payload, jid_at] = write(occupant, {}, shown, real, decorations(room, occupant));
  occupant.presence = std::move(payload);
  occupant.jid_at = jid_at;
}

base::Payload kept_with_jid(const Occupant& occupant) {
  return with_jid({occupant.presence, occupant.jid_at}, shown_by(occupant).jid);
}

Variants kept(const Room& room, const Occupant& occupant) {
  return {kept(room, occupant, true), kept(room, occupant, false)};
}

xmpp::Element status_element(Status status) {
  xmpp::Element e("status", xmpp::ns::muc_user);
  e.set_attr("code", std::to_string(static_cast<int>(status)));
  return e;
}

xmpp::Element outsider_presence(const xmpp::Jid& occupant_jid, Affiliation affiliation,
                                const Codes& codes) {
  xmpp::Element presence("presence", xmpp::ns::client);
  presence.set_attr("from", occupant_jid.str()).set_attr("type", "unavailable");
  xmpp::Element& x = presence.add("x", xmpp::ns::muc_user);
  x.add("item", xmpp::ns::muc_user)
      .set_attr("affiliation", record::name(affiliation))
      .set_attr("role", record::name(Role::none));
  for (const Status status : codes) x.add(status_element(status));
  return presence;
}

xmpp::Element status_message(const Room& room, const Codes& codes) {
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str()).set_attr("type", "groupchat");
  xmpp::Element& x = message.add("x", xmpp::ns::muc_user);
  for (const Status status : codes) x.add(status_element(status));
  return message;
}

}  // namespace muc
