// SPDX-License-Identifier: Apache-2.0
#include "xmpp/mam.h"

#include "base/check.h"
#include "xmpp/data_form.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

constexpr std::string_view validate = "http://jabber.org/protocol/xdata-validate";  // XEP-0122
constexpr std::string_view opening = "<message", closing = "</message>";
// It comes back in every message of the answer.
constexpr std::size_t query_id_bytes_max = 1023;

using Problem = std::optional<StanzaError>;

StanzaError bad(const std::string& why) { return {Condition::bad_request, why}; }

Problem read_time(const FormField& field, std::optional<base::Time>& time) {
  time = parse_datetime(field.values.front());
  if (time) return std::nullopt;
  return bad(field.var + " must be a time as 2026-11-24T08:00:00Z (XEP-0082).");
}

Problem read_jid(const FormField& field, std::optional<Jid>& jid) {
  if (auto parsed = Jid::parse(field.values.front())) {
    jid = std::move(*parsed);
    return std::nullopt;
  }
  return bad(field.var + " must be an address.");
}

// A field without a value asks for nothing.
Problem read_field(const FormField& field, MamQuery& query) {
  const bool known = field.var == "with" || field.var == "start" || field.var == "end" ||
                     field.var == "before-id" || field.var == "after-id" || field.var == "ids" ||
                     field.var == "FORM_TYPE";
  if (!known)
    return StanzaError{Condition::feature_not_implemented, "There is no field " + field.var + "."};
  if (field.values.empty()) return std::nullopt;
  if (field.var == "ids") {
    query.ids = field.values;
    return std::nullopt;
  }
  if (field.values.size() > 1) return bad(field.var + " must have one value.");
  if (field.var == "with") return read_jid(field, query.with);
  if (field.var == "start") return read_time(field, query.start);
  if (field.var == "end") return read_time(field, query.end);
  if (field.var == "before-id") query.before_id = field.values.front();
  if (field.var == "after-id") query.after_id = field.values.front();
  return std::nullopt;
}

Problem read_form(const Element& x, MamQuery& query) {
  const auto form = parse_form(x);
  if (!form || form->type != DataForm::Type::submit || form->form_type() != ns::mam)
    return bad("A form of type submit with the FORM_TYPE " + std::string(ns::mam) + " is needed.");
  for (auto field = form->fields.begin(); field != form->fields.end(); ++field) {
    if (form->field(field->var) != &*field) return bad(field->var + " stands there twice.");
    if (auto problem = read_field(*field, query)) return problem;
  }
  return std::nullopt;
}

Problem read_page(const Element& set, MamQuery& query) {
  auto page = parse_page_request(set);
  if (!page) return page.error();
  query.page = std::move(*page);
  return std::nullopt;
}

void add_attr(std::string& out, std::string_view name, std::string_view value) {
  out.append(1, ' ').append(name).append("='");
  append_escaped(out, value);
  out += '\'';
}

}  // namespace

base::Result<MamQuery, StanzaError> parse_mam_query(const Element& query) {
  MamQuery out;
  out.query_id = query.attr("queryid");
  if (out.query_id.size() > query_id_bytes_max) return base::fail(bad("The queryid is too long."));
  if (!query.attr("node").empty()) return base::fail(StanzaError{Condition::item_not_found});
  out.flipped = query.child("flip-page", ns::mam) != nullptr;
  Problem problem;
  bool form = false, page = false;
  query.for_each_child([&](const Element& child) {
    const bool is_form = child.is("x", ns::data_form), is_page = child.is("set", ns::rsm);
    if (problem || !(is_form || is_page)) return;
    bool& seen = is_form ? form : page;
    if (seen)
      problem = bad("<" + child.name() + "/> stands there twice.");
    else
      problem = is_form ? read_form(child, out) : read_page(child, out);
    seen = true;
  });
  if (problem) return base::fail(std::move(*problem));
  return out;
}

Element mam_form() {
  DataForm form{
      .type = DataForm::Type::form,
      .fields = {{.var = "FORM_TYPE", .type = FieldType::hidden, .values = {std::string(ns::mam)}},
                 {.var = "with", .type = FieldType::jid_single},
                 {.var = "start"},
                 {.var = "end"},
                 {.var = "before-id"},
                 {.var = "after-id"}}};
  Element x = to_element(form);
  Element& ids = x.add("field", ns::data_form);
  ids.set_attr("var", "ids").set_attr("type", "list-multi");
  ids.add("validate", validate).set_attr("datatype", "xs:string").add("open", validate);
  Element query("query", ns::mam);
  query.add(std::move(x));
  return query;
}

bool forwardable(std::string_view stanza) {
  return stanza.starts_with(opening) && stanza.ends_with(closing) &&
         stanza.size() > opening.size() + closing.size();
}

base::Payload mam_result(const Jid& archive, std::string_view query_id, const MamMessage& message) {
  CHECK(forwardable(message.stanza));
  std::string out(opening);
  add_attr(out, "from", archive.str());
  out += "><result";
  add_attr(out, "xmlns", ns::mam);
  if (!query_id.empty()) add_attr(out, "queryid", query_id);
  add_attr(out, "id", message.id);
  out += "><forwarded";
  add_attr(out, "xmlns", ns::forward);
  out += "><delay";
  add_attr(out, "xmlns", ns::delay);
  add_attr(out, "stamp", format_datetime(message.at));
  out += "/>";
  out += opening;
  add_attr(out, "xmlns", ns::client);
  const std::size_t inner = message.stanza.size() - opening.size() - closing.size();
  out += message.stanza.substr(opening.size(), inner);
  out += message.more;
  out += closing;
  out += "</forwarded></result></message>";
  return base::make_payload(std::move(out), opening.size());
}

Element to_element(const MamFin& fin) {
  Element e("fin", ns::mam);
  e.set_attr("complete", fin.complete ? "true" : "false");
  if (!fin.stable) e.set_attr("stable", "false");
  e.add(to_element(fin.page));
  return e;
}

Element to_element(const MamMetadata& metadata) {
  Element e("metadata", ns::mam);
  const auto add = [&](std::string_view name, const std::optional<MamMetadata::End>& end) {
    if (!end) return;
    e.add(name, ns::mam).set_attr("id", end->id).set_attr("timestamp", format_datetime(end->at));
  };
  add("start", metadata.start);
  add("end", metadata.end);
  return e;
}

}  // namespace xmpp
