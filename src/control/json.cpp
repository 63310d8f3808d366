// SPDX-License-Identifier: Apache-2.0
#include "src/control/json.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace server {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const admin::Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

std::optional<admin::Value> to_value(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  return std::nullopt;
}

std::string text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

Json reply_json(const Progress& progress) {
  return {{"progress", {{"done", progress.done}, {"total", progress.total}}}};
}

Json reply_json(const admin::Answer& answer) {
  Json fields = Json::object(), tables = Json::object();
  for (const auto& field : answer.fields) fields[field.name] = to_json(field.value);
  for (const auto& table : answer.tables) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
      Json cells = Json::array();
      for (const auto& cell : row) cells.push_back(to_json(cell));
      rows.push_back(std::move(cells));
    }
    tables[table.name] = {{"columns", table.columns}, {"rows", std::move(rows)}};
  }
  return {{"ok", true},
          {"text", answer.text},
          {"fields", std::move(fields)},
          {"tables", std::move(tables)},
          {"count", answer.count}};
}

Json reply_json(const admin::Refusal& refusal) {
  return {{"ok", false},
          {"kind", refusal.kind == admin::Refusal::Kind::usage ? "usage" : "refused"},
          {"text", refusal.text},
          {"details", refusal.details}};
}

std::optional<admin::Table> decode_table(const std::string& name, const Json& json) {
  const auto columns = json.find("columns"), rows = json.find("rows");
  if (!json.is_object() || columns == json.end() || rows == json.end() || !columns->is_array() ||
      !rows->is_array())
    return std::nullopt;
  admin::Table table{.name = name};
  for (const auto& column : *columns) {
    if (!column.is_string()) return std::nullopt;
    table.columns.push_back(column.get<std::string>());
  }
  for (const auto& row : *rows) {
    if (!row.is_array() || row.size() != table.columns.size()) return std::nullopt;
    auto& cells = table.rows.emplace_back();
    for (const auto& cell : row) {
      auto value = to_value(cell);
      if (!value) return std::nullopt;
      cells.push_back(std::move(*value));
    }
  }
  return table;
}

std::optional<Reply> decode_answer(const Json& json) {
  admin::Answer answer{.text = text_at(json, "text")};
  if (const auto fields = json.find("fields"); fields != json.end() && fields->is_object()) {
    for (const auto& [name, value] : fields->items()) {
      auto decoded = to_value(value);
      if (!decoded) return std::nullopt;
      answer.fields.push_back({name, std::move(*decoded)});
    }
  }
  if (const auto tables = json.find("tables"); tables != json.end() && tables->is_object()) {
    for (const auto& [name, value] : tables->items()) {
      auto table = decode_table(name, value);
      if (!table) return std::nullopt;
      answer.tables.push_back(std::move(*table));
    }
  }
  if (const auto count = json.find("count"); count != json.end() && count->is_number_integer())
    answer.count = count->get<std::int64_t>();
  return answer;
}

Reply decode_refusal(const Json& json) {
  admin::Refusal refusal{.kind = text_at(json, "kind") == "usage" ? admin::Refusal::Kind::usage
                                                                  : admin::Refusal::Kind::refused,
                         .text = text_at(json, "text")};
  if (const auto details = json.find("details"); details != json.end() && details->is_array())
    for (const auto& detail : *details)
      if (detail.is_string()) refusal.details.push_back(detail.get<std::string>());
  return refusal;
}

std::optional<Reply> decode_progress(const Json& json) {
  const auto done = json.find("done"), total = json.find("total");
  if (done == json.end() || total == json.end() || !done->is_number_unsigned() ||
      !total->is_number_unsigned())
    return std::nullopt;
  return Progress{done->get<std::size_t>(), total->get<std::size_t>()};
}

bool is_true(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

// Strings as they are, true for a flag; anything else is not an argument.
bool decode_arguments(const Json& json, admin::Arguments& arguments) {
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string())
      arguments[name] = value.get<std::string>();
    else if (value.is_boolean() && value.get<bool>())
      arguments[name] = "true";
    else if (!value.is_boolean())
      return false;
  }
  return true;
}

}  // namespace

std::string answer_json(const admin::Answer& answer) {
  Json out = Json::object();
  if (!answer.text.empty()) out["message"] = answer.text;
  for (const auto& field : answer.fields) out[field.name] = to_json(field.value);
  for (const auto& table : answer.tables) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
      Json object = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = to_json(row[i]);
      rows.push_back(std::move(object));
    }
    out[table.name] = std::move(rows);
  }
  return text(out, 2);
}

std::string encode(const Request& request) {
  Json json = {{"command", request.command}, {"arguments", Json::object()}};
  for (const auto& [name, value] : request.arguments) json["arguments"][name] = value;
  if (request.wants_progress) json["progress"] = true;
  return text(json, -1);
}

std::string encode(const Reply& reply) {
  return text(std::visit([](const auto& r) { return reply_json(r); }, reply), -1);
}

base::Result<Request, std::string> decode_request(std::string_view line) {
  const auto json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return base::fail(std::string("a request is one JSON object on one line"));
  Request request{.command = text_at(json, "command"), .wants_progress = is_true(json, "progress")};
  if (request.command.empty()) return base::fail(std::string("a request names its \"command\""));
  const auto arguments = json.find("arguments");
  if (arguments != json.end() && !decode_arguments(*arguments, request.arguments))
    return base::fail(std::string("\"arguments\" is an object of texts, and true for flags"));
  return request;
}

base::Result<Reply, std::string> decode_reply(std::string_view line) {
  const auto json = Json::parse(line, nullptr, false);
  std::optional<Reply> reply;
  if (json.is_object()) {
    if (const auto progress = json.find("progress"); progress != json.end())
      reply = decode_progress(*progress);
    else if (const auto ok = json.find("ok"); ok != json.end() && ok->is_boolean())
      reply = ok->get<bool>() ? decode_answer(json) : decode_refusal(json);
  }
  if (!reply)
    return base::fail(std::string("the server's reply cannot be read; is it of another version?"));
  return std::move(*reply);
}

}  // namespace server
