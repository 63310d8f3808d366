// SPDX-License-Identifier: Apache-2.0
// An invitation through the room says the same in the form of a direct one too, for clients that
// know no other.
#include "base/utf8.h"
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr std::string_view conference = "jabber:x:conference";
// All of it is attributes, and servers have a limit for one tag; the whole reason is said besides.
constexpr std::size_t reason_bytes_max = 1024;

void decorate_invitation(const Room& room, xmpp::Element& message) {
  const xmpp::Element& x = *message.child("x", xmpp::ns::muc_user);
  const xmpp::Element& invite = *x.child("invite", xmpp::ns::muc_user);
  xmpp::Element direct("x", conference);
  direct.set_attr("jid", room.jid.str());
  if (const auto reason = child_text(invite, "reason", xmpp::ns::muc_user))
    direct.set_attr("reason", base::cut_utf8(*reason, reason_bytes_max));
  if (const auto password = child_text(x, "password", xmpp::ns::muc_user))
    direct.set_attr("password", *password);
  if (const auto* goes_on = invite.child("continue", xmpp::ns::muc_user)) {
    direct.set_attr("continue", "true");
    if (const std::string* thread = goes_on->find_attr("thread"))
      direct.set_attr("thread", *thread);
  }
  message.add(std::move(direct));
}

}  // namespace

extern const Feature direct_invitation_feature{
    .name = "direct_invitation", .spec = "XEP-0249", .decorate_invitation = decorate_invitation};

}  // namespace muc
