// SPDX-License-Identifier: Apache-2.0
// strophe_client JID PASSWORD HOST PORT ROOM NICK MESSAGE [EXPECT]: a stock client of libstrophe.
// Enters the room, says MESSAGE, prints every message as "nick<TAB>body" ("history" before it for
// old ones), leaves once it has heard itself and, if given, EXPECT, and exits 0. Exits 1 if the
// server ends the stream first or a minute passes.
#include <strophe.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace {

struct Client {
  xmpp_ctx_t* ctx = nullptr;
  std::string room, nick, message, expect;
  bool heard_self = false, heard_expected = false, entered = false, done = false;

  std::string occupant() const { return room + "/" + nick; }
};

struct Release {
  void operator()(xmpp_stanza_t* stanza) const { xmpp_stanza_release(stanza); }
};
using Stanza = std::unique_ptr<xmpp_stanza_t, Release>;

std::string attribute(xmpp_stanza_t* stanza, const char* name) {
  const char* value = xmpp_stanza_get_attribute(stanza, name);
  return value ? value : "";
}

Stanza element(Client& client, const char* name) {
  Stanza stanza(xmpp_stanza_new(client.ctx));
  xmpp_stanza_set_name(stanza.get(), name);
  return stanza;
}

void enter(xmpp_conn_t* conn, Client& client) {
  const Stanza presence = element(client, "presence");
  xmpp_stanza_set_to(presence.get(), client.occupant().c_str());
  const Stanza x = element(client, "x");
  xmpp_stanza_set_ns(x.get(), "http://jabber.org/protocol/muc");
  xmpp_stanza_add_child(presence.get(), x.get());
  xmpp_send(conn, presence.get());
}

void accept_instant_room(xmpp_conn_t* conn, Client& client) {
  const Stanza iq(xmpp_iq_new(client.ctx, "set", "instant"));
  xmpp_stanza_set_to(iq.get(), client.room.c_str());
  const Stanza query = element(client, "query");
  xmpp_stanza_set_ns(query.get(), "http://jabber.org/protocol/muc#owner");
  const Stanza form = element(client, "x");
  xmpp_stanza_set_ns(form.get(), "jabber:x:data");
  xmpp_stanza_set_attribute(form.get(), "type", "submit");
  xmpp_stanza_add_child(query.get(), form.get());
  xmpp_stanza_add_child(iq.get(), query.get());
  xmpp_send(conn, iq.get());
}

void say(xmpp_conn_t* conn, Client& client) {
  const Stanza message(xmpp_message_new(client.ctx, "groupchat", client.room.c_str(), "said"));
  xmpp_message_set_body(message.get(), client.message.c_str());
  xmpp_send(conn, message.get());
}

void leave_when_done(xmpp_conn_t* conn, Client& client) {
  if (!client.heard_self || !client.heard_expected) return;
  client.done = true;
  xmpp_disconnect(conn);
}

bool has_status(xmpp_stanza_t* presence, const char* code) {
  xmpp_stanza_t* x = xmpp_stanza_get_child_by_ns(presence, "http://jabber.org/protocol/muc#user");
  for (xmpp_stanza_t* child = x ? xmpp_stanza_get_children(x) : nullptr; child;
       child = xmpp_stanza_get_next(child)) {
    const char* name = xmpp_stanza_get_name(child);
    if (name && std::strcmp(name, "status") == 0 && attribute(child, "code") == code) return true;
  }
  return false;
}

int on_presence(xmpp_conn_t* conn, xmpp_stanza_t* presence, void* userdata) {
  Client& client = *static_cast<Client*>(userdata);
  if (attribute(presence, "from") != client.occupant()) return 1;
  if (attribute(presence, "type") == "error") {
    std::fprintf(stderr, "the room refuses us\n");
    xmpp_disconnect(conn);
  } else if (!client.entered && has_status(presence, "110")) {
    client.entered = true;
    if (has_status(presence, "201")) accept_instant_room(conn, client);
    say(conn, client);
  }
  return 1;
}

int on_message(xmpp_conn_t* conn, xmpp_stanza_t* message, void* userdata) {
  Client& client = *static_cast<Client*>(userdata);
  const std::string from = attribute(message, "from");
  char* text = xmpp_message_get_body(message);
  if (!text) return 1;
  const std::string body = text;
  xmpp_free(client.ctx, text);
  const bool old = xmpp_stanza_get_child_by_ns(message, "urn:xmpp:delay") != nullptr;
  const auto slash = from.find('/');
  const std::string nick = slash == std::string::npos ? "" : from.substr(slash + 1);
  std::printf("%s%s\t%s\n", old ? "history " : "", nick.c_str(), body.c_str());
  std::fflush(stdout);
  if (!old && from == client.occupant() && body == client.message) client.heard_self = true;
  if (!client.expect.empty() && body == client.expect) client.heard_expected = true;
  leave_when_done(conn, client);
  return 1;
}

int on_timeout(xmpp_conn_t* conn, void*) {
  std::fprintf(stderr, "gave up after a minute\n");
  xmpp_disconnect(conn);
  return 0;
}

void on_connection(xmpp_conn_t* conn, xmpp_conn_event_t event, int, xmpp_stream_error_t*,
                   void* userdata) {
  Client& client = *static_cast<Client*>(userdata);
  if (event != XMPP_CONN_CONNECT) {
    xmpp_stop(client.ctx);
    return;
  }
  if (!xmpp_conn_is_secured(conn)) {
    std::fprintf(stderr, "no TLS\n");
    xmpp_disconnect(conn);
    return;
  }
  xmpp_handler_add(conn, on_presence, nullptr, "presence", nullptr, &client);
  xmpp_handler_add(conn, on_message, nullptr, "message", nullptr, &client);
  xmpp_timed_handler_add(conn, on_timeout, 60000, &client);
  const Stanza presence = element(client, "presence");
  xmpp_send(conn, presence.get());
  enter(conn, client);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8 && argc != 9) {
    std::fprintf(stderr, "usage: %s JID PASSWORD HOST PORT ROOM NICK MESSAGE [EXPECT]\n", argv[0]);
    return 2;
  }
  xmpp_initialize();
  Client client;
  client.room = argv[5];
  client.nick = argv[6];
  client.message = argv[7];
  if (argc == 9) client.expect = argv[8];
  client.heard_expected = client.expect.empty();
  const bool verbose = std::getenv("STROPHE_DEBUG") != nullptr;
  client.ctx = xmpp_ctx_new(nullptr, verbose ? xmpp_get_default_logger(XMPP_LEVEL_DEBUG) : nullptr);
  xmpp_conn_t* conn = xmpp_conn_new(client.ctx);
  // The server's certificate is its own; that it encrypts is all that is asked here.
  xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_TRUST_TLS);
  xmpp_conn_set_jid(conn, argv[1]);
  xmpp_conn_set_pass(conn, argv[2]);
  const auto port = static_cast<std::uint16_t>(std::strtoul(argv[4], nullptr, 10));
  if (xmpp_connect_client(conn, argv[3], port, on_connection, &client) == XMPP_EOK)
    xmpp_run(client.ctx);
  xmpp_conn_release(conn);
  xmpp_ctx_free(client.ctx);
  xmpp_shutdown();
  return client.done ? 0 : 1;
}
