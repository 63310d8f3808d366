// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/driver.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "tests/scripts/runner/match.h"
#include "tests/scripts/runner/muc_schema.h"
#include "tests/scripts/runner/xml.h"
#include "xmpp/jid.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace tests {
namespace {

class Run {
 public:
  Run(const Script& script, Driver& driver) : script_(script), driver_(driver) {
    variables_["domain"] = driver.domain();
    variables_["service"] = driver.service();
    variables_["room"] = script.name + "@" + driver.service();
    for (const auto& client : script.clients) {
      const std::string bare = account_of(script, client) + "@" + driver.domain();
      variables_[client.name + ".bare"] = bare;
      variables_[client.name] = bare + "/" + client.resource;
    }
  }

  void take(const Step& step) {
    using Kind = Step::Kind;
    const std::string& room = variables_["room"];
    switch (step.kind) {
      case Kind::connect:
        return connect(step.who);
      case Kind::disconnect:
        return driver_.disconnect(step.who);
      case Kind::send:
        for (const auto& stanza : xml(step)) driver_.send(step.who, stanza, room);
        return;
      case Kind::receive:
      case Kind::receive_exactly:
        return receive(step, step.kind == Kind::receive_exactly);
      case Kind::receive_any_order:
        return receive_any_order(step);
      case Kind::receive_nothing:
        if (const auto extra = driver_.receive_now(step.who, room))
          fail(step, "received " + xmpp::to_xml(*extra, xmpp::ns::client));
        return;
      case Kind::after:
        return driver_.advance(step.delay);
      case Kind::command:
        return driver_.command(expand(step.text), room);
      case Kind::set:
        variables_[step.text] = expand(step.value);
        return;
    }
  }

 private:
  void connect(const std::string& who) {
    for (const auto& client : script_.clients)
      if (client.name == who)
        variables_[who] = driver_.connect(who, account_of(script_, client), client.resource);
  }

  xmpp::Element next(const Step& step) {
    auto got = driver_.receive(step.who);
    if (!got) fail(step, "received nothing; expected " + expand(step.text));
    if (const auto wrong = muc_schema_fault(*got); !wrong.empty())
      fail(step, wrong + " in " + xmpp::to_xml(*got, xmpp::ns::client));
    return std::move(*got);
  }

  void receive(const Step& step, bool strict) {
    for (const auto& expected : xml(step)) {
      const xmpp::Element got = next(step);
      const std::string why = mismatch(expected, got, strict);
      if (!why.empty())
        fail(step, why + "\n  received " + xmpp::to_xml(got, xmpp::ns::client) + "\n  expected " +
                       xmpp::to_xml(expected, xmpp::ns::client));
      save(expected, got, variables_);
    }
  }

  void receive_any_order(const Step& step) {
    auto expected = xml(step);
    while (!expected.empty()) {
      const xmpp::Element got = next(step);
      const auto match = std::find_if(expected.begin(), expected.end(), [&](const auto& e) {
        return mismatch(e, got, false).empty();
      });
      if (match == expected.end())
        fail(step, "not among the expected: " + xmpp::to_xml(got, xmpp::ns::client));
      expected.erase(match);
    }
  }

  std::vector<xmpp::Element> xml(const Step& step) { return parse_xml(expand(step.text)); }

  std::string expand(const std::string& text) {
    std::string out;
    std::size_t at = 0;
    while (true) {
      const auto start = text.find("${", at);
      if (start == std::string::npos) return out + text.substr(at);
      const auto end = text.find('}', start);
      const std::string name = text.substr(start + 2, end - start - 2);
      const auto value = variables_.find(name);
      if (value == variables_.end()) throw std::runtime_error("no variable ${" + name + "}");
      out += text.substr(at, start - at) + value->second;
      at = end + 1;
    }
  }

  [[noreturn]] static void fail(const Step& step, const std::string& why) {
    throw std::runtime_error(step.where + ": " + step.who + ": " + why);
  }

  const Script& script_;
  Driver& driver_;
  std::map<std::string, std::string> variables_;
};

}  // namespace

std::string account_of(const Script& script, const Client& client) {
  return script.name + "-" + client.local;
}

void run_script(const Script& script, Driver& driver) {
  Run run(script, driver);
  for (const auto& step : script.steps) run.take(step);
}

}  // namespace tests
