// SPDX-License-Identifier: Apache-2.0
#include "src/command/check.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>

#include "db/content.h"
#include "net/tcp/listener.h"
#include "net/tls/tls.h"
#include "src/certificates.h"
#include "src/control/control_socket.h"
#include "src/data_dir.h"
#include "src/services.h"
#include "xmpp/datetime.h"

namespace server {
namespace {

namespace fs = std::filesystem;

class Check {
 public:
  Check(const Config& config, base::Time now) : config_(config), now_(now) {}

  CheckReport run() {
    configuration();
    data_directory();
    content();
    archive();
    certificate();
    listeners();
    const auto count = static_cast<std::int64_t>(findings_.rows.size());
    return {.answer = {.text = wrong_ == 0 ? "nothing is wrong" : std::to_string(wrong_) + " wrong",
                       .fields = {{"wrong", static_cast<std::int64_t>(wrong_)}},
                       .tables = {std::move(findings_)},
                       .count = count},
            .wrong = wrong_};
  }

 private:
  void say(const char* state, const std::string& what, const std::string& text) {
    findings_.rows.push_back({std::string(state), what, text});
  }
  void good(const std::string& what, const std::string& text) { say("good", what, text); }
  void note(const std::string& what, const std::string& text) { say("note", what, text); }
  void wrong(const std::string& what, const std::string& text) {
    say("wrong", what, text);
    ++wrong_;
  }

  void configuration() {
    good("configuration", "domain " + config_.domain + ", rooms at " + first_service(config_));
    for (const auto& warning : config_.warnings) note("configuration", warning);
    if (const auto missing = not_served_yet(config_); !missing.empty())
      note("configuration", missing);
  }

  void data_directory() {
    if (data_dir_exists(config_.data_dir)) {
      if (const auto usable = ensure_data_dir(config_.data_dir); !usable)
        return wrong("data directory", usable.error());
      return good("data directory", config_.data_dir);
    }
    note("data directory", config_.data_dir + " will be made at the first start");
  }

  // The file of a SQLite URL, "" for another database.
  std::string sqlite_file(const std::string& url) const {
    constexpr std::string_view prefix = "sqlite:";
    return url.starts_with(prefix) ? config_.in_data_dir(url.substr(prefix.size())) : "";
  }

  void content() {
    const auto file = sqlite_file(config_.database.content);
    if (!file.empty() && !fs::exists(file))
      return note("content database", file + " will be made at the first start");
    const auto opened =
        db::Content::open(config_.database.content, config_.data_dir, db::Content::Access::peek);
    if (!opened) return wrong("content database", opened.error());
    good("content database", db::shown_url(config_.database.content) + ", schema version " +
                                 std::to_string((*opened)->schema_version()));
  }

  // The archive is looked at from outside: opening it would take the archivist's lock.
  void archive() {
    if (!config_.archive.enabled)
      return note("archive database", "switched off: nothing is archived");
    const auto file = sqlite_file(config_.database.archive);
    if (file.empty()) return archive_to_use();
    if (!fs::exists(file))
      return note("archive database", file + " will be made at the first start");
    std::string magic(16, '\0');
    std::ifstream(file, std::ios::binary).read(magic.data(), 16);
    if (!magic.starts_with("SQLite format 3"))
      return wrong("archive database", file + " cannot be read or is not a SQLite database");
    archive_to_use();
  }

  void archive_to_use() {
    const auto schema = db::check_archive(config_.database.archive, config_.data_dir);
    if (!schema) return wrong("archive database", schema.error());
    const auto shown = db::shown_url(config_.database.archive);
    if (db::lead_to_one(config_.database.content, config_.database.archive))
      return wrong("archive database",
                   shown + " is the content database as well: make another one for the archive");
    good("archive database", shown + ", schema version " + std::to_string(*schema));
  }

  void certificate() {
    const auto certificate = config_.in_data_dir(config_.tls.certificate);
    const auto key = config_.in_data_dir(config_.tls.key);
    if (will_make_certificate(config_))
      return note("certificate", "a self-signed one for " + config_.domain + " and " +
                                     first_service(config_) + " will be made at the first start");
    const auto info = net::inspect_certificate(certificate);
    if (!info) return wrong("certificate", info.error());
    dates(*info);
    names(*info);
    if (const auto usable = net::TlsContext::load(certificate, key); !usable)
      wrong("certificate", usable.error());
    key_mode(key);
  }

  void dates(const net::CertificateInfo& info) {
    const auto until = xmpp::format_datetime(info.not_after);
    if (now_ < info.not_before)
      wrong("certificate", "is not valid before " + xmpp::format_datetime(info.not_before));
    else if (info.not_after < now_)
      wrong("certificate", "was valid until " + until + "; get a new one");
    else if (info.not_after - now_ < 14 * 24 * base::minutes(60))
      note("certificate", "is valid only until " + until);
    else
      good("certificate", "valid until " + until + ", SHA-256 " + info.sha256_fingerprint);
  }

  void names(const net::CertificateInfo& info) {
    if (!info.covers(config_.domain))
      wrong("certificate", "does not name " + config_.domain + "; clients will refuse it");
    if (!info.covers(first_service(config_)))
      note("certificate",
           "does not name " + first_service(config_) + "; other servers will refuse it for rooms");
  }

  void key_mode(const std::string& key) {
    struct stat info = {};
    if (::stat(key.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
      note("certificate", "the key " + key + " can be read by others; chmod 600 it");
  }

  void listeners() {
    list("clients, STARTTLS", config_.listen.c2s);
    list("clients, TLS", config_.listen.c2s_tls);
    list("metrics and health", config_.listen.http);
  }

  void list(const std::string& who, const std::vector<std::string>& addresses) {
    if (addresses.empty()) note("listener", who + ": switched off");
    for (const auto& address : addresses) listener(who, address);
  }

  void listener(const std::string& who, const std::string& address) {
    const auto at = net::parse_endpoint(address);
    if (!at) return wrong("listener", address + ": " + at.error());
    const int error = try_bind(*at);
    if (error == 0) return good("listener", address + " (" + who + ")");
    if (error == EADDRINUSE)
      return note("listener", address + " (" + who +
                                  ") is taken at the moment, by this server if it "
                                  "runs");
    wrong("listener", address + " (" + who + "): " + system_text(error) +
                          (error == EACCES ? "; ports below 1024 need CAP_NET_BIND_SERVICE" : ""));
  }

  static int try_bind(const net::Endpoint& at) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    if (::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &found) != 0)
      return EADDRNOTAVAIL;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    const Descriptor fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0)
      return errno;
    return 0;
  }

  const Config& config_;
  base::Time now_;
  admin::Table findings_{.name = "findings", .columns = {"state", "what", "finding"}};
  std::size_t wrong_ = 0;
};

}  // namespace

CheckReport check(const Config& config, base::Time now) { return Check(config, now).run(); }

}  // namespace server
