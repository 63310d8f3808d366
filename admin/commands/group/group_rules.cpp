// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/group/group_rules.h"

#include "admin/account_rules.h"
#include "admin/listing.h"
#include "admin/recording.h"

namespace admin {
namespace {

using Action = record::GroupChanged::Action;

struct Plan {
  std::vector<record::Body> bodies;
  std::int64_t unchanged = 0;
};

// A member of this server must have an account: a misspelt one would be nobody until somebody takes
// the name.
base::Result<Plan, Refusal> plan(const std::string& group, const std::vector<std::string>& members,
                                 Context& context, Action action) {
  Plan plan;
  for (const auto& text : members) {
    const auto jid = *xmpp::Jid::parse(text);
    const auto inside = context.groups.is_member(group, jid);
    if (!inside) return base::fail(unreadable());
    if (*inside == (action == Action::member_added)) {
      ++plan.unchanged;
      continue;
    }
    if (action == Action::member_added && jid.domain() == context.domain)
      if (auto account = existing_account(context, jid); !account)
        return base::fail(std::move(account.error()));
    plan.bodies.emplace_back(record::GroupChanged{.action = action, .group = group, .member = jid});
  }
  return plan;
}

std::string counted(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " member" : " members");
}

std::string sentence(const std::string& group, std::int64_t changed, std::int64_t unchanged,
                     Action action) {
  const bool adding = action == Action::member_added;
  std::string text = adding ? "added " + counted(changed) + " to " + group
                            : "removed " + counted(changed) + " from " + group;
  if (unchanged == 0) return text;
  return text + "; " + std::to_string(unchanged) +
         (adding ? " in it already" : " not in it before");
}

}  // namespace

base::Result<accounts::Group, Refusal> existing_group(Context& context, const std::string& name) {
  auto found = context.groups.find(name);
  if (!found) return base::fail(unreadable());
  if (!*found)
    return base::fail(Refusal{.text = "there is no group " + name +
                                      "; `hansard group list` shows those there are"});
  return std::move(**found);
}

base::Result<Answer, Refusal> change_members(const Arguments& arguments, const Caller& caller,
                                             Context& context, Action action) {
  const auto& name = arguments.at("name");
  if (auto group = existing_group(context, name); !group)
    return base::fail(std::move(group.error()));
  auto planned = plan(name, values(arguments, "jid"), context, action);
  if (!planned) return base::fail(std::move(planned.error()));
  const auto changed = static_cast<std::int64_t>(planned->bodies.size());
  if (changed > 0)
    if (auto refusal = record_and_wait(context, caller, std::move(planned->bodies)))
      return base::fail(std::move(*refusal));
  return Answer{
      .text = sentence(name, changed, planned->unchanged, action),
      .fields = {{"group", name}, {"changed", changed}, {"unchanged", planned->unchanged}},
      .count = changed};
}

}  // namespace admin
