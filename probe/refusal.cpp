// SPDX-License-Identifier: Apache-2.0
#include "probe/refusal.h"

#include <span>

#include "xmpp/ns.h"

namespace probe {
namespace {

struct Meaning {
  std::string_view condition, sentence;
};

// " (not-authorized: wrong password)"
std::string in_brackets(const std::string& condition, const std::string& text) {
  return " (" + condition + (text.empty() ? "" : ": " + text) + ")";
}

// The sentence's "; what to do" comes behind the server's own words.
std::string explain(std::span<const Meaning> meanings, const std::string& condition,
                    const std::string& text, std::string_view otherwise) {
  for (const auto& meaning : meanings)
    if (meaning.condition == condition) otherwise = meaning.sentence;
  const auto semicolon = otherwise.find(';');
  std::string out(otherwise.substr(0, semicolon));
  out += in_brackets(condition, text);
  if (semicolon != std::string_view::npos) out += otherwise.substr(semicolon);
  return out;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

constexpr Meaning sasl[] = {
    {"not-authorized",
     "the server does not accept name and password; correct the passwords file, or make the "
     "account"},
    {"account-disabled", "the account is disabled; enable it"},
    {"credentials-expired", "the password has expired; set a new one"},
    {"temporary-auth-failure", "the server cannot look up accounts at present; look into its log"},
    {"encryption-required", "the server wants TLS before a login; leave out --tls none"},
    {"mechanism-too-weak",
     "the server wants a stronger mechanism; see what it is configured to take"},
    {"invalid-authzid", "the server does not take this JID; correct it"},
};

constexpr Meaning stream[] = {
    {"host-unknown",
     "the server at this address does not serve DOMAIN; correct the host or the JID"},
    {"host-gone", "the server no longer serves DOMAIN; correct the host or the JID"},
    {"conflict",
     "the server ended the stream of USER for another of its sessions; run no other client with "
     "the same resource"},
    {"connection-timeout",
     "the server took the connection of USER for dead; look whether it is overloaded"},
    {"policy-violation",
     "the server ended the stream of USER by its own rules; look into its log and limits"},
    {"resource-constraint",
     "the server lacks what it needs to serve USER; look into its log and limits"},
    {"system-shutdown", "the server is shutting down; try again when it is up"},
    {"not-authorized",
     "the server ended the stream of USER before it had logged in; look into its log"},
    {"see-other-host", "the server sends its clients elsewhere; probe the host it names"},
};

constexpr Meaning service[] = {
    {"remote-server-not-found", "there is no service SERVICE; correct --room"},
    {"remote-server-timeout",
     "the server SERVICE does not answer; correct --room, or look at that server"},
    {"item-not-found", "there is no service SERVICE; correct --room"},
    {"service-unavailable", "SERVICE is no service for rooms; correct --room"},
    {"not-allowed", "the server does not reach SERVICE; correct --room"},
    {"forbidden", "SERVICE is not open to this account; let it in, or correct --room"},
};

constexpr Meaning joining[] = {
    {"not-authorized",
     "ROOM wants a password; put a line `ROOM PASSWORD` into the passwords file, with the right "
     "one"},
    {"forbidden",
     "USER is banned from ROOM or may not make it; lift the ban, or make the room first"},
    {"registration-required", "ROOM is for members only; make USER a member of it"},
    {"item-not-found",
     "ROOM is not there for USER or is locked, because whoever made it has not configured it; "
     "configure it, or name another room"},
    {"not-allowed", "ROOM is not there and USER may not make it; make the room first"},
    {"not-acceptable", "ROOM wants another nickname of USER; let it choose its nickname"},
    {"conflict", "ROOM has the nickname already; end what uses it, or try again"},
    {"service-unavailable", "ROOM is full or its service is down; look at its limit of occupants"},
    {"resource-constraint", "the service is at its limits; look into its log"},
    {"remote-server-not-found", "there is no service for ROOM; correct --room"},
    {"remote-server-timeout", "the service of ROOM does not answer; look at that server"},
    {"gone", "ROOM has been destroyed or has moved; correct --room"},
    {"jid-malformed", "ROOM is not an address that the service takes; correct --room"},
    {"recipient-unavailable", "ROOM is there no more; try again"},
};

constexpr Meaning speaking[] = {
    {"forbidden",
     "USER has no voice in the room; make it a member, or name a room that is not moderated"},
    {"not-acceptable", "USER is not in the room any more; look into the server's log"},
    {"not-allowed", "USER may not speak in the room; look at its settings"},
    {"policy-violation",
     "the room refuses the message by its own rules; look into the server's log"},
    {"resource-constraint",
     "the server cannot take the message at present; look at its log and database"},
    {"internal-server-error", "the server failed at the message; look into its log"},
};

}  // namespace

std::string sasl_refusal(const std::string& condition, const std::string& text) {
  return explain(sasl, condition, text, "the server refuses the login; look into its log");
}

std::string stream_refusal(const std::string& condition, const std::string& text,
                           const xmpp::Jid& user) {
  auto out =
      explain(stream, condition, text, "the server ended the stream of USER; look into its log");
  return replaced(replaced(std::move(out), "USER", user.str()), "DOMAIN",
                  std::string(user.domain()));
}

std::string certificate_refusal(const std::string& fault, const std::string& domain) {
  const auto is = [&fault](std::string_view name) { return fault == name; };
  std::string what, remedy = "give the certificate it should have with --ca-file";
  if (is("X509_V_ERR_HOSTNAME_MISMATCH")) {
    what = "does not name " + domain;
    remedy = "correct the JID, or get a certificate that names its domain";
  } else if (is("X509_V_ERR_CERT_HAS_EXPIRED")) {
    what = "has expired";
    remedy = "renew it";
  } else if (is("X509_V_ERR_CERT_NOT_YET_VALID")) {
    what = "is not valid yet";
    remedy = "look at the clocks of both machines";
  } else if (is("X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT")) {
    what = "is self-signed";
    remedy +=
        " (hansard's own: tls/fullchain.pem in its data directory), or --insecure on loopback";
  } else {
    what = "is not trusted";
  }
  return "the certificate of the server " + what + " (" + fault + "); " + remedy;
}

StanzaRefusal refusal_of(const xmpp::Element& stanza) {
  StanzaRefusal refusal{.condition = "undefined-condition"};
  const auto* error = stanza.child("error", xmpp::ns::client);
  if (!error) return refusal;
  error->for_each_child([&refusal](const xmpp::Element& child) {
    if (child.ns() != xmpp::ns::stanza_errors) return;
    (child.name() == "text" ? refusal.text : refusal.condition) =
        child.name() == "text" ? child.text() : child.name();
  });
  return refusal;
}

std::string service_refusal(const StanzaRefusal& refusal, const std::string& address) {
  return replaced(explain(service, refusal.condition, refusal.text,
                          "SERVICE does not say what it is; correct --room"),
                  "SERVICE", address);
}

std::string join_refusal(const StanzaRefusal& refusal, const xmpp::Jid& room,
                         const xmpp::Jid& user) {
  // `ROOM PASSWORD` stands in a sentence as it is to be written, so the room's JID fits there too.
  auto out = explain(joining, refusal.condition, refusal.text,
                     "ROOM does not let USER in; look into the server's log");
  return replaced(replaced(std::move(out), "ROOM", room.str()), "USER", user.str());
}

std::string message_refusal(const StanzaRefusal& refusal, const xmpp::Jid& user) {
  return replaced(explain(speaking, refusal.condition, refusal.text,
                          "the room refuses the message of USER; look into the server's log"),
                  "USER", user.str());
}

std::string other_refusal(const std::string& what, const StanzaRefusal& refusal) {
  return what + in_brackets(refusal.condition, refusal.text);
}

}  // namespace probe
