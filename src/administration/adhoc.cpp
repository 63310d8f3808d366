// SPDX-License-Identifier: Apache-2.0
#include "src/administration/adhoc.h"

#include "admin/commands.h"
#include "admin/forms.h"
#include "src/administration/adhoc_sessions.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"

namespace server {
namespace {

using bridge::Addressee;
using bridge::IqRequest;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

// What a result takes at most: below the stanza limits of clients and of servers between.
constexpr std::size_t result_bytes_max = 200'000;

// XEP-0050 §4.5: the general condition and the specific one.
StanzaError error(Condition condition, std::string_view specific, std::string text = {}) {
  StanzaError out(condition, std::move(text));
  out.detail = Element(specific, xmpp::ns::commands);
  return out;
}

StanzaError no_session(AdHocSessions::Problem problem) {
  if (problem == AdHocSessions::Problem::expired)
    return error(Condition::not_allowed, "session-expired", "Begin the command again.");
  return error(Condition::bad_request, "bad-sessionid");
}

Element& add_command(Element& result, const admin::Command& command, std::string_view status,
                     const std::string& session) {
  auto& out = result.add("command", xmpp::ns::commands);
  out.set_attr("node", admin::command_node(command))
      .set_attr("status", status)
      .set_attr("sessionid", session);
  return out;
}

void add_note(Element& command, std::string_view type, const std::string& text) {
  command.add("note", xmpp::ns::commands).set_attr("type", type).set_text(text);
}

std::string refusal_text(const admin::Refusal& refusal) {
  std::string text = refusal.text;
  for (const auto& detail : refusal.details) text += "\n" + detail;
  return text;
}

bool offered(const admin::Command& command) { return command.where != admin::Where::offline; }

}  // namespace

struct AdHoc::Impl {
  explicit Impl(const Parts& p)
      : parts(p), sessions({sessions_max, sessions_of_one_max, session_time}, p.clock, p.random) {}

  Parts parts;
  AdHocSessions sessions;

  void say(std::size_t shard, const Element& iq, bridge::IqAnswer outcome) {
    parts.router.route(shard, bridge::answer(iq, std::move(outcome)));
  }
  bool may(const IqRequest& request) const { return parts.administrators.has(request.from); }

  void list(const IqRequest& request);
  void about_list(const IqRequest& request);
  void about_command(const IqRequest& request);
  void handle(const IqRequest& request);
  bridge::IqAnswer begin(const IqRequest& request, const admin::Command& command);
  void go_on(const IqRequest& request, const std::string& session);
  void run(const IqRequest& request, const admin::Command& command, admin::Arguments arguments,
           const std::string& session);
  bridge::IqAnswer completed(const Element& iq, const admin::Command& command,
                             const std::string& session, const CommandRunner::Outcome& outcome);
};

// XEP-0050 §2.2. For others there is nothing.
void AdHoc::Impl::list(const IqRequest& request) {
  if (request.payload().attr("node") != xmpp::ns::commands)
    return say(request.shard, request.iq, StanzaError(Condition::item_not_found));
  Element result = xmpp::iq_result(request.iq);
  auto& query = result.add("query", xmpp::ns::disco_items);
  query.set_attr("node", xmpp::ns::commands);
  if (may(request))
    for (const auto* command : admin::commands())
      if (offered(*command))
        query.add("item", xmpp::ns::disco_items)
            .set_attr("jid", parts.domain)
            .set_attr("node", admin::command_node(*command))
            .set_attr("name", admin::command_title(*command));
  say(request.shard, request.iq, std::move(result));
}

void AdHoc::Impl::about_list(const IqRequest& request) {
  if (!may(request) || request.payload().attr("node") != xmpp::ns::commands)
    return say(request.shard, request.iq, StanzaError(Condition::item_not_found));
  Element result = xmpp::iq_result(request.iq);
  auto& query = result.add("query", xmpp::ns::disco_info);
  query.set_attr("node", xmpp::ns::commands);
  query.add("identity", xmpp::ns::disco_info)
      .set_attr("category", "automation")
      .set_attr("type", "command-list")
      .set_attr("name", "Administration");
  say(request.shard, request.iq, std::move(result));
}

void AdHoc::Impl::about_command(const IqRequest& request) {
  const auto node = request.payload().attr("node");
  const auto* command = admin::command_at_node(node);
  if (!may(request) || command == nullptr || !offered(*command))
    return say(request.shard, request.iq, StanzaError(Condition::item_not_found));
  Element result = xmpp::iq_result(request.iq);
  auto& query = result.add("query", xmpp::ns::disco_info);
  query.set_attr("node", node);
  query.add("identity", xmpp::ns::disco_info)
      .set_attr("category", "automation")
      .set_attr("type", "command-node")
      .set_attr("name", admin::command_title(*command));
  for (const auto feature : {xmpp::ns::commands, xmpp::ns::data_form})
    query.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  say(request.shard, request.iq, std::move(result));
}

void AdHoc::Impl::handle(const IqRequest& request) {
  const auto& payload = request.payload();
  const auto refuse = [&](StanzaError why) { say(request.shard, request.iq, std::move(why)); };
  if (!may(request)) return refuse(Condition::forbidden);
  if (request.iq.attr("type") != "set" || payload.name() != "command")
    return refuse(Condition::bad_request);
  const auto* command = admin::command_at_node(payload.attr("node"));
  if (command == nullptr || !offered(*command)) return refuse(Condition::item_not_found);
  const std::string session(payload.attr("sessionid"));
  if (!session.empty()) return go_on(request, session);
  const auto action = payload.attr("action");
  if (!action.empty() && action != "execute")  // of a command that was not begun
    return refuse(error(Condition::bad_request, "bad-action"));
  if (payload.child("x", xmpp::ns::data_form) != nullptr)
    return refuse(error(Condition::bad_request, "bad-payload", "Ask for the form first."));
  if (command->parameters.empty())
    return run(request, *command, {}, base::random_token(parts.random, 16));
  say(request.shard, request.iq, begin(request, *command));
}

bridge::IqAnswer AdHoc::Impl::begin(const IqRequest& request, const admin::Command& command) {
  const auto session = sessions.begin(request.from, command);
  if (!session)
    return StanzaError(xmpp::ErrorType::wait, Condition::resource_constraint,
                       "Too many commands wait for their forms.");
  Element result = xmpp::iq_result(request.iq);
  auto& out = add_command(result, command, "executing", *session);
  auto& actions = out.add("actions", xmpp::ns::commands);
  actions.set_attr("execute", "complete");
  actions.add("complete", xmpp::ns::commands);
  out.add(xmpp::to_element(admin::command_form(command)));
  return result;
}

void AdHoc::Impl::go_on(const IqRequest& request, const std::string& session) {
  const auto& payload = request.payload();
  const auto refuse = [&](StanzaError why) { say(request.shard, request.iq, std::move(why)); };
  const auto found = sessions.look(session, request.from);
  if (!found) return refuse(no_session(found.error()));
  const admin::Command& command = **found;
  if (admin::command_node(command) != payload.attr("node"))
    return refuse(error(Condition::bad_request, "bad-sessionid"));
  const auto action = payload.attr("action");
  const auto* x = payload.child("x", xmpp::ns::data_form);
  const auto form = x == nullptr ? std::nullopt : xmpp::parse_form(*x);
  if (action == "cancel" || (form && form->type == xmpp::DataForm::Type::cancel)) {
    (void)sessions.end(session, request.from);
    Element result = xmpp::iq_result(request.iq);
    add_command(result, command, "canceled", session);
    return say(request.shard, request.iq, std::move(result));
  }
  // There is one stage: nothing before it, nothing after.
  if (action == "prev" || action == "next")
    return refuse(error(Condition::bad_request, "bad-action"));
  if (!action.empty() && action != "execute" && action != "complete")
    return refuse(error(Condition::bad_request, "malformed-action"));
  if (!form || form->type != xmpp::DataForm::Type::submit)
    return refuse(error(Condition::bad_request, "bad-payload", "Fill in the form."));
  auto arguments = admin::submitted(command, *form);
  // What is wrong with the form is said while it can still be put right.
  if (auto given = admin::checked(command.name, command.parameters, arguments, parts.domain);
      !given)
    return refuse(error(Condition::bad_request, "bad-payload", given.error().text));
  (void)sessions.end(session, request.from);
  run(request, command, std::move(arguments), session);
}

void AdHoc::Impl::run(const IqRequest& request, const admin::Command& command,
                      admin::Arguments arguments, const std::string& session) {
  admin::Caller caller{
      .channel = "adhoc", .jid = request.from, .still_may = [this, who = request.from] {
        return parts.administrators.has(who);
      }};
  parts.runner.submit(command, std::move(arguments), std::move(caller),
                      [this, &command, shard = request.shard, iq = request.iq,
                       session](const CommandRunner::Outcome& outcome) {
                        auto reply = completed(iq, command, session, outcome);
                        parts.shards[shard].post(
                            [this, shard, iq, reply = std::move(reply)] { say(shard, iq, reply); });
                      });
}

bridge::IqAnswer AdHoc::Impl::completed(const Element& iq, const admin::Command& command,
                                        const std::string& session,
                                        const CommandRunner::Outcome& outcome) {
  Element result = xmpp::iq_result(iq);
  auto& out = add_command(result, command, "completed", session);
  if (!outcome) {
    add_note(out, "error", refusal_text(outcome.error()));
    return result;
  }
  auto forms = admin::answer_forms(*outcome, result_bytes_max);
  add_note(out, "info", outcome->text.empty() ? "done" : outcome->text);
  if (forms.left_out > 0)
    add_note(out, "warn",
             std::to_string(forms.left_out) +
                 " more do not fit into one answer; ask again with a lower max, and go on with "
                 "after");
  for (auto& form : forms.forms) out.add(std::move(form));
  return result;
}

AdHoc::AdHoc(const Parts& parts) : impl_(std::make_unique<Impl>(parts)) {
  auto& iqs = impl_->parts.router.iqs();
  auto* const impl = impl_.get();
  const auto add = [&](std::string_view ns, std::string_view node,
                       void (Impl::*act)(const IqRequest&)) {
    iqs.add({.addressee = Addressee::server,
             .ns = std::string(ns),
             .node = std::string(node),
             .handle = [impl, act](const IqRequest& request) { (impl->*act)(request); }});
  };
  add(xmpp::ns::commands, "", &Impl::handle);
  add(xmpp::ns::disco_items, xmpp::ns::commands, &Impl::list);
  add(xmpp::ns::disco_info, xmpp::ns::commands, &Impl::about_list);
  add(xmpp::ns::disco_info, "hansard#", &Impl::about_command);
  iqs.add_feature(Addressee::server, xmpp::ns::commands);
}

AdHoc::~AdHoc() = default;

}  // namespace server
