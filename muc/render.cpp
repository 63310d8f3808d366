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

void append_item(std::string& out, const Occupant& occupant, const Shape& shape,
                 const xmpp::Jid* real) {
  const Role role = shape.unavailable && shape.new_nick.empty() ? Role::none : occupant.role;
  out += "<item";
  append_attribute(out, "affiliation", record::name(occupant.affiliation));
  append_attribute(out, "role", record::name(role));
  if (real != nullptr) append_attribute(out, "jid", real->str());
  if (!shape.new_nick.empty()) append_attribute(out, "nick", shape.new_nick);
  if (shape.actor_nick.empty() && shape.reason.empty()) {
    out += "/>";
    return;
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
}

std::string decorations(const Room& room, const Occupant& occupant) {
  xmpp::Element holder("presence", xmpp::ns::client);
  for_each_hook<&Feature::decorate_presence>(room, occupant, holder);
  return presence_payload(holder);
}

base::Payload write(const Occupant& occupant, const Shape& shape, const Session& session,
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
  append_item(out, occupant, shape, real);
  for (const Status status : shape.codes) {
    out += "<status";
    append_attribute(out, "code", std::to_string(static_cast<int>(status)));
    out += "/>";
  }
  out += "</x>";
  out += decoration;
  out += "</presence>";
  out.shrink_to_fit();
  return base::make_payload(std::move(out), hole);
}

}  // namespace

std::string presence_payload(const xmpp::Element& presence) {
  std::string out;
  presence.for_each_child(
      [&](const xmpp::Element& child) { xmpp::append_xml(out, child, xmpp::ns::client); });
  return out;
}

base::Payload render(const Room& room, const Occupant& occupant, const Shape& shape, bool with_jid,
                     const Session* session) {
  const Session& shown = session != nullptr ? *session : occupant.sessions[occupant.primary];
  return write(occupant, shape, shown, with_jid ? &shown.jid : nullptr,
               decorations(room, occupant));
}

Variants render_both(const Room& room, const Occupant& occupant, const Shape& shape) {
  const Session& shown = occupant.sessions[occupant.primary];
  const std::string decoration = decorations(room, occupant);
  return {write(occupant, shape, shown, &shown.jid, decoration),
          write(occupant, shape, shown, nullptr, decoration)};
}

void refresh(const Room& room, Occupant& occupant) {
  auto [with_jids, without_jids] = render_both(room, occupant, {});
  occupant.with_jid = std::move(with_jids);
  occupant.without_jid = std::move(without_jids);
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
