// SPDX-License-Identifier: Apache-2.0
#include "src/config/options.h"

namespace server {
namespace {

// at<&Config::limits, &Config::Limits::sasl_tries>(config) is config.limits.sasl_tries.
template <auto... Members>
auto& at(Config& config) {
  return (config.*....*Members);
}

constexpr bool or_unlimited = true;
constexpr std::size_t million = 1'000'000;
constexpr std::size_t mebibyte = 1024 * 1024;

constexpr std::string_view log_levels[] = {"trace", "debug", "info", "warn", "error"};
constexpr std::string_view mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
                                           "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"};
constexpr std::string_view outage_policies[] = {"buffer", "refuse"};
constexpr std::string_view recorded_or_off[] = {"recorded", "off"};

template <auto Member>
Number limit(std::size_t min, std::size_t max, bool may_be_unlimited = false) {
  return {at<&Config::limits, Member>, min, max, may_be_unlimited};
}

template <auto Member>
Texts contact() {
  return {at<&Config::contact, Member>};
}

using C = Config;
using L = Config::Limits;

const Option table[] = {
    {"", "domain", Text{at<&C::domain>},
     "where accounts live; chat.<domain> is the first category's service"},
    {"", "data_dir", Text{at<&C::data_dir>},
     "content.db, archive.db, tls/, control.sock; relative to where the program is started"},
    {"", "shards", Number{at<&C::shards>, 0, 256},
     "threads that serve clients; 0 = one for each core"},
    {"", "admins", Texts{at<&C::admins>},
     "accounts that may administer, besides those made with --admin; admin@<domain> if left out"},
    {"", "log_level", Choice{at<&C::log_level>, log_levels}, "the least that is logged"},

    {"listen", "c2s", Texts{at<&C::listen, &C::Listen::c2s>}, "clients, STARTTLS"},
    {"listen", "c2s_tls", Texts{at<&C::listen, &C::Listen::c2s_tls>},
     "clients, TLS from the first byte (XEP-0368)"},
    {"listen", "s2s", Texts{at<&C::listen, &C::Listen::s2s>}, "other servers"},
    {"listen", "http", Texts{at<&C::listen, &C::Listen::http>},
     "/metrics, /health; without TLS and without a password"},
    {"listen", "http_hosts", Texts{at<&C::listen, &C::Listen::http_hosts>},
     "further names by which these pages may be asked for; its addresses and domain always may"},

    {"tls", "certificate", Text{at<&C::tls, &C::Tls::certificate>},
     "PEM, with its chain; made at the first start if neither file exists"},
    {"tls", "key", Text{at<&C::tls, &C::Tls::key>}, "PEM, not encrypted"},
    {"tls", "ca_file", Text{at<&C::tls, &C::Tls::ca_file>},
     "what peers' certificates are checked against; empty = the system's"},

    {"c2s", "require_tls", Switch{at<&C::c2s, &C::C2s::require_tls>}, "no login before TLS"},
    {"c2s", "allow_plain_without_tls", Switch{at<&C::c2s, &C::C2s::allow_plain_without_tls>},
     "accepted only where every c2s listener is a loopback address"},
    {"c2s", "registration", Switch{at<&C::c2s, &C::C2s::registration>},
     "anyone may make an account (XEP-0077)"},
    {"c2s", "mechanisms", Texts{at<&C::c2s, &C::C2s::mechanisms>, mechanisms},
     "SASL mechanisms that are offered, best first; those in -PLUS bind a login to its TLS 1.3 "
     "channel, and clients that get that wrong are locked out"},

    {"auth", "scram_iterations", Number{at<&C::auth, &C::Auth::scram_iterations>, 4096, million},
     "work to derive the keys of a password; applies to passwords set from now on"},

    {"database", "content", Text{at<&C::database, &C::Database::content>},
     "sqlite:FILE or postgresql://user@host:port/name?options"},
    {"database", "archive", Text{at<&C::database, &C::Database::archive>},
     "the compliance archive; another database than content"},

    {"archive", "enabled", Switch{at<&C::archive, &C::Archive::enabled>},
     "copy every event to the archive database"},
    {"archive", "on_outage", Choice{at<&C::archive, &C::Archive::on_outage>, outage_policies},
     "refuse = no new messages while the archive cannot be written"},
    {"archive", "outbox_limit",
     Number{at<&C::archive, &C::Archive::outbox_limit>, 1000, 1000 * million},
     "rows; beyond it buffer refuses too"},
    {"archive", "direct_messages",
     Choice{at<&C::archive, &C::Archive::direct_messages>, recorded_or_off},
     "one-to-one messages between accounts; off: people have no archives of their own either"},
    {"archive", "checkpoints", Text{at<&C::archive, &C::Archive::checkpoints>},
     "signed checkpoints are appended here too: put it on another volume"},

    {"history", "keep_days",
     Number{at<&C::history, &C::History::keep_days>, 1, 36'500, or_unlimited},
     "age at which a message goes out of its room's history, or out of a person's own archive;"
     " the compliance archive keeps it"},
    {"history", "keep_messages",
     Number{at<&C::history, &C::History::keep_messages>, 1, 1000 * million, or_unlimited},
     "messages kept in the history of one room, and in the own archive of one person"},

    {"limits", "preauth_seconds", limit<&L::preauth_seconds>(1, 3600),
     "from connecting to logged in"},
    {"limits", "preauth_stanza_bytes", limit<&L::preauth_stanza_bytes>(1000, mebibyte),
     "one element before login"},
    {"limits", "preauth_elements", limit<&L::preauth_elements>(4, 1000), "elements in it"},
    {"limits", "preauth_connections", limit<&L::preauth_connections>(1, million, or_unlimited),
     "connections that are not logged in"},
    {"limits", "preauth_per_address", limit<&L::preauth_per_address>(1, million, or_unlimited),
     "of them from one address"},
    {"limits", "sasl_tries", limit<&L::sasl_tries>(1, 10), "failed logins on one stream"},
    {"limits", "stanza_bytes", limit<&L::stanza_bytes>(10'000, 64 * mebibyte),
     "one stanza of a client"},
    {"limits", "s2s_stanza_bytes", limit<&L::s2s_stanza_bytes>(10'000, 64 * mebibyte),
     "one stanza of another server"},
    {"limits", "stanza_elements", limit<&L::stanza_elements>(16, million, or_unlimited),
     "elements in one stanza"},
    {"limits", "stanza_depth", limit<&L::stanza_depth>(8, 256), "elements inside each other"},
    {"limits", "token_bytes", limit<&L::token_bytes>(1024, mebibyte),
     "one tag with its attributes"},
    {"limits", "attributes", limit<&L::attributes>(8, 1000),
     "attributes and namespaces of one element"},
    {"limits", "bytes_per_second", limit<&L::bytes_per_second>(1024, 1000 * million, or_unlimited),
     "of one client session, with a burst of four seconds"},
    {"limits", "stanzas_per_second", limit<&L::stanzas_per_second>(1, million, or_unlimited),
     "of one client session, with a burst of four seconds; joining rooms has its own budget"},
    {"limits", "resources_per_account", limit<&L::resources_per_account>(1, 1000, or_unlimited),
     "sessions of one account at a time"},
    {"limits", "send_queue_bytes",
     limit<&L::send_queue_bytes>(65'536, 1000 * million, or_unlimited),
     "waiting for one slow reader; then ten seconds, then it is disconnected"},
    {"limits", "resume_stanzas", limit<&L::resume_stanzas>(1, million, or_unlimited),
     "unacknowledged stanzas kept for one session that is slow to answer or away; also at most "
     "1 MiB of them"},
    {"limits", "nick_bytes", limit<&L::nick_bytes>(1, 1023), "a nickname"},
    {"limits", "room_occupants", limit<&L::room_occupants>(1, 10 * million, or_unlimited),
     "occupants of one room"},
    {"limits", "room_affiliations", limit<&L::room_affiliations>(1, 10 * million, or_unlimited),
     "affiliations and whatever else one room keeps about people"},
    {"limits", "rooms_per_owner", limit<&L::rooms_per_owner>(1, million, or_unlimited),
     "rooms one user may own"},
    {"limits", "archive_page", limit<&L::archive_page>(1, 10'000),
     "the most messages in one page of a room's archive (XEP-0313); 50 if the client does not say"},
    {"limits", "s2s_queue_stanzas", limit<&L::s2s_queue_stanzas>(1, million, or_unlimited),
     "waiting for one server that is not connected yet"},
    {"limits", "dialback_pairs", limit<&L::dialback_pairs>(1, 10'000, or_unlimited),
     "pairs of domains on one stream (XEP-0220)"},
    {"limits", "history_on_join", limit<&L::history_on_join>(1, 500),
     "messages given to one who enters and asks for nothing else"},
    {"limits", "large_room_occupants",
     limit<&L::large_room_occupants>(1, 10 * million, or_unlimited),
     "above it who comes is seen by the others once it speaks, moderators at once; below four "
     "fifths of it all are seen again, some at a time"},

    {"s2s", "enabled", Switch{at<&C::s2s, &C::S2s::enabled>}, "talk to other servers"},
    {"s2s", "require_tls", Switch{at<&C::s2s, &C::S2s::require_tls>}, "only over TLS"},
    {"s2s", "dialback", Switch{at<&C::s2s, &C::S2s::dialback>}, "XEP-0220, beside SASL EXTERNAL"},
    {"s2s", "dns", Text{at<&C::s2s, &C::S2s::dns>},
     "host:port of a resolver; empty = the system's"},
    {"s2s", "routes", Routes{at<&C::s2s, &C::S2s::routes>}, "fixed addresses instead of DNS"},

    {"contact", "abuse", contact<&C::Contact::abuse>(),
     "who is told of abuse: URIs like \"mailto:abuse@example.org\" or \"xmpp:abuse@example.org\", "
     "shown to anybody who asks the server or its rooms (XEP-0157)"},
    {"contact", "admin", contact<&C::Contact::admin>(), "who runs the server"},
    {"contact", "feedback", contact<&C::Contact::feedback>(), "who wants to hear what users think"},
    {"contact", "sales", contact<&C::Contact::sales>(), "who sells the service"},
    {"contact", "security", contact<&C::Contact::security>(), "who is told of weaknesses"},
    {"contact", "status", contact<&C::Contact::status>(),
     "where it is said whether the server is well"},
    {"contact", "support", contact<&C::Contact::support>(), "who helps users"},
};

}  // namespace

std::span<const Option> options() { return table; }

}  // namespace server
