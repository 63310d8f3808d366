// SPDX-License-Identifier: Apache-2.0
// IqRegistry: who answers which IQ request to the server itself or to an account's bare JID. A rule
// names addressee and namespace of the payload, for discovery also how the node begins, and brings
// along what disco#info says because of it. Rules are added before the shards start; then it is
// read by all of them.
//
// A handler runs on the shard of its request: the home of the account, for the server the shard of
// whoever asks. It gives exactly one answer, then or later: answer() made into a stanza and routed
// from a shard's thread (Router::route).
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/receipt.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"

namespace bridge {

enum class Addressee { server, account };

struct IqRequest {
  std::size_t shard = 0;
  xmpp::Jid from;    // stamped: as trusted as its server
  xmpp::Jid to;      // the server's domain or a bare JID, also where the stanza has no `to`
  xmpp::Element iq;  // a get or set that passed check_stanza()
  base::Receipt receipt = {};  // kept until the answer is on its way

  const xmpp::Element& payload() const { return *iq.first_child(); }
  bool own() const { return from.bare_str() == to.str(); }  // an account about itself
};

// The whole result, or why there is none.
using IqAnswer = std::variant<xmpp::Element, xmpp::StanzaError>;
xmpp::Element answer(const xmpp::Element& iq, IqAnswer outcome);

struct IqRule {
  Addressee addressee = Addressee::server;
  std::string ns;         // of the payload
  std::string node = {};  // discovery: requests whose node begins so; "" takes any node, or none
  // An account's business is its own. Where others may ask too, the handler must make no difference
  // between an account that does not exist and one that tells them nothing: BI-STZ-17.
  bool others = false;
  std::function<void(IqRequest)> handle;
};

struct Identity {
  std::string category, type, name;
};
struct ServiceItem {
  std::string jid, name, node = {};
};

class IqRegistry {
 public:
  // ---- before the shards start
  void add(IqRule rule);  // the longest node wins, of equals the one added last
  void add_feature(Addressee addressee, std::string_view var);
  void add_form(Addressee addressee, xmpp::Element form);  // XEP-0128
  void add_identity(Addressee addressee, Identity identity);
  void add_item(ServiceItem item);  // what disco#items of the server lists
  // Results and errors to the server itself whose id begins with `id_prefix`, on the shard of
  // whoever sent them: answers to what the handler asked in the server's name. It checks from whom.
  void on_response(std::string id_prefix,
                   std::function<void(std::size_t shard, const xmpp::Element& iq)> handle);

  // ---- any thread, once they run
  const IqRule* find(Addressee addressee, const IqRequest& request) const;  // null: nobody
  void respond(std::size_t shard, const xmpp::Element& iq) const;
  xmpp::Element disco_info(Addressee addressee) const;  // <query/>
  xmpp::Element disco_items() const;                    // <query/> of the server
  // XEP-0115: what the server's stream features say of disco_info(server).
  const std::string& server_ver() const;

 private:
  struct About {
    std::vector<Identity> identities;
    std::vector<std::string> features;
    std::vector<xmpp::Element> forms;
  };
  struct Response {
    std::string id_prefix;
    std::function<void(std::size_t, const xmpp::Element&)> handle;
  };
  About& about(Addressee addressee) { return addressee == Addressee::server ? server_ : account_; }

  std::vector<IqRule> rules_;
  About server_, account_;
  std::vector<ServiceItem> items_;
  std::vector<Response> responses_;
  mutable std::once_flag ver_made_;
  mutable std::string ver_;
};

}  // namespace bridge
