// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <sstream>

#include "tests/unit/net/tls_support.h"

using net::CertificateInfo;
using net::inspect_certificate;
using net::make_self_signed;
using net::TlsContext;
using tests::TempDir;

namespace {

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::string load_error(const std::string& certificate, const std::string& key) {
  const auto loaded = TlsContext::load(certificate, key);
  return loaded ? "" : loaded.error();
}

// The certificate in `file`, re-dated to have ended an hour ago.
void expire(const std::string& file, const std::string& key_file) {
  auto* in = std::fopen(file.c_str(), "r");
  X509* certificate = PEM_read_X509(in, nullptr, nullptr, nullptr);
  std::fclose(in);
  in = std::fopen(key_file.c_str(), "r");
  EVP_PKEY* key = PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
  std::fclose(in);
  X509_gmtime_adj(X509_getm_notAfter(certificate), -3600);
  X509_sign(certificate, key, EVP_sha256());
  auto* out = std::fopen(file.c_str(), "w");
  PEM_write_X509(out, certificate);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

void encrypt_key(const std::string& file) {
  auto* in = std::fopen(file.c_str(), "r");
  EVP_PKEY* key = PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
  std::fclose(in);
  auto* out = std::fopen(file.c_str(), "w");
  std::string passphrase = "secret";
  PEM_write_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), passphrase.data(),
                            static_cast<int>(passphrase.size()), nullptr, nullptr);
  std::fclose(out);
  EVP_PKEY_free(key);
}

}  // namespace

TEST_CASE("a self-made certificate names its domains and keeps its key to its owner") {
  const TempDir dir;
  REQUIRE(make_self_signed(dir / "cert.pem", dir / "key.pem", {"Example.org", "*.example.net"}));
  struct stat status {};
  REQUIRE(::stat((dir / "key.pem").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  const auto info = inspect_certificate(dir / "cert.pem");
  REQUIRE(info);
  CHECK(info->subject == "CN=Example.org");
  CHECK(info->names == std::vector<std::string>{"example.org", "*.example.net"});
  CHECK(info->sha256_fingerprint.size() == 32 * 3 - 1);
  const base::Time now{static_cast<std::int64_t>(std::time(nullptr)) * 1'000'000};
  CHECK(info->not_before < now);
  const auto ten_years = base::seconds(3652LL * 86400);
  CHECK(info->not_after - now > ten_years - base::minutes(5));
  CHECK(info->not_after - now <= ten_years);
  CHECK(TlsContext::load(dir / "cert.pem", dir / "key.pem"));

  // Made again, it is another one.
  REQUIRE(make_self_signed(dir / "cert.pem", dir / "key.pem", {"example.org"}));
  CHECK(inspect_certificate(dir / "cert.pem")->sha256_fingerprint != info->sha256_fingerprint);
}

TEST_CASE("which domains a certificate covers") {
  CertificateInfo info;
  info.names = {"example.org", "*.example.net", "*"};
  info.xmpp_addresses = {"chat.example.com"};
  CHECK(info.covers("example.org"));
  CHECK(info.covers("EXAMPLE.org"));
  CHECK(info.covers("a.example.net"));
  CHECK(info.covers("chat.example.com"));
  CHECK_FALSE(info.covers("a.example.org"));
  CHECK_FALSE(info.covers("example.net"));
  CHECK_FALSE(info.covers("a.b.example.net"));
  CHECK_FALSE(info.covers(".example.net"));
  CHECK_FALSE(info.covers("xexample.net"));
  CHECK_FALSE(info.covers("example.com"));
  CHECK_FALSE(info.covers("localhost"));
  CHECK_FALSE(info.covers(""));
  info.names = {"*.org"};
  CHECK_FALSE(info.covers("example.org"));
}

TEST_CASE("BI-CFG-05: errors with certificate files are sentences that name the file") {
  const TempDir dir;
  const auto cert = dir / "cert.pem";
  const auto key = dir / "key.pem";
  REQUIRE(make_self_signed(cert, key, {"localhost"}));
  REQUIRE(make_self_signed(dir / "other.pem", dir / "other-key.pem", {"localhost"}));
  tests::write_text(dir / "text.pem", "no certificate at all\n");

  CHECK(load_error(cert, key).empty());
  CHECK(load_error(dir / "missing.pem", key) ==
        "cannot read " + (dir / "missing.pem") + ": No such file or directory");
  CHECK(load_error(cert, dir / "missing.pem") ==
        "cannot read " + (dir / "missing.pem") + ": No such file or directory");
  CHECK(load_error(dir / "text.pem", key) ==
        (dir / "text.pem") + " holds no certificate in PEM form");
  CHECK(load_error(cert, dir / "text.pem") ==
        (dir / "text.pem") + " holds no private key in PEM form");
  CHECK(load_error(cert, cert) == cert + " holds no private key in PEM form");
  CHECK(load_error(cert, dir / "other-key.pem") ==
        (dir / "other-key.pem") + " is not the key of the certificate in " + cert);
  encrypt_key(dir / "other-key.pem");
  CHECK(load_error(dir / "other.pem", dir / "other-key.pem") ==
        (dir / "other-key.pem") + " is encrypted: store the key without a passphrase");
  CHECK_FALSE(inspect_certificate(dir / "text.pem"));

  const auto whole = text_of(cert);
  tests::write_text(dir / "chain.pem", whole + whole.substr(0, whole.size() / 2) + "\n");
  CHECK(load_error(dir / "chain.pem", key) ==
        (dir / "chain.pem") + " holds a damaged certificate in its chain");
}

TEST_CASE("BI-CFG-05: an expired certificate loads; the inspection tells") {
  const TempDir dir;
  REQUIRE(make_self_signed(dir / "cert.pem", dir / "key.pem", {"localhost"}));
  expire(dir / "cert.pem", dir / "key.pem");
  CHECK(load_error(dir / "cert.pem", dir / "key.pem").empty());
  const auto info = inspect_certificate(dir / "cert.pem");
  REQUIRE(info);
  CHECK(info->not_after.us < static_cast<std::int64_t>(std::time(nullptr)) * 1'000'000);
}

TEST_CASE("what cannot stand in a certificate is refused") {
  const TempDir dir;
  for (const char* domain : {"", "a b", "a,DNS:b", "caf\xc3\xa9.example"}) {
    CHECK_FALSE(make_self_signed(dir / "c.pem", dir / "k.pem", {domain}));
  }
  CHECK_FALSE(make_self_signed(dir / "c.pem", dir / "k.pem", {}));
  CHECK_FALSE(make_self_signed(dir / "no/c.pem", dir / "no/k.pem", {"localhost"}));
}
