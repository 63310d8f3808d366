// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <string_view>

#include "net/tls/openssl_ptr.h"
#include "net/tls/pem_file.h"
#include "net/tls/tls.h"

namespace net {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
  return out;
}

// RFC 6125 6.4.3: a wildcard is the whole leftmost label and stands for exactly one.
bool matches(const std::string& pattern, const std::string& domain) {
  if (pattern == domain) return true;
  if (pattern.rfind("*.", 0) != 0 || pattern.find('*', 1) != std::string::npos) return false;
  const auto dot = domain.find('.');
  if (dot == std::string::npos || dot == 0) return false;
  const auto rest = pattern.substr(1);
  return rest.find('.', 1) != std::string::npos && domain.substr(dot) == rest;
}

base::Time time_of(const ASN1_TIME* at) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(at, &parts) != 1) return {};
  return {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long n = BIO_get_mem_data(bio, &data);
  return n > 0 ? std::string(data, static_cast<std::size_t>(n)) : std::string{};
}

std::string subject_of(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return text_of(bio.get());
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    if (i != 0) out += ':';
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

// A name with a NUL in it is an attempt to be read as a shorter one: it names nothing.
std::string name_of(const ASN1_STRING* text) {
  const std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                         static_cast<std::size_t>(ASN1_STRING_length(text)));
  return name.find('\0') == std::string::npos ? lower(name) : std::string{};
}

// RFC 6120 13.7.1.4: id-on-xmppAddr
bool is_xmpp_address(const OTHERNAME* other) {
  std::array<char, 64> oid{};
  OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), other->type_id, 1);
  return std::string_view(oid.data()) == "1.3.6.1.5.5.7.8.5" &&
         other->value->type == V_ASN1_UTF8STRING;
}

void read_names(const X509* certificate, CertificateInfo& info) {
  const NamesPtr all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) {
      if (auto text = name_of(name->d.dNSName); !text.empty()) info.names.push_back(text);
    } else if (name->type == GEN_OTHERNAME && is_xmpp_address(name->d.otherName)) {
      auto text = name_of(name->d.otherName->value->value.utf8string);
      if (!text.empty()) info.xmpp_addresses.push_back(text);
    }
  }
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_subject(X509* certificate, const std::string& domain) {
  auto* name = X509_get_subject_name(certificate);
  const auto common = domain.substr(0, 64);  // ub-common-name
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool add_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);  // positive, never short
  BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  const bool set = number != nullptr &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

CertificatePtr sign(EVP_PKEY* key, const std::vector<std::string>& domains) {
  CertificatePtr certificate(X509_new());
  std::string alternative;
  for (const auto& domain : domains) {
    alternative += (alternative.empty() ? "DNS:" : ",DNS:") + domain;
  }
  constexpr long day = 86400;
  auto* x = certificate.get();
  const bool made =
      x != nullptr && X509_set_version(x, X509_VERSION_3) == 1 && add_serial(x) &&
      X509_gmtime_adj(X509_getm_notBefore(x), -day) != nullptr &&  // clients whose clock is late
      X509_gmtime_adj(X509_getm_notAfter(x), 3652 * day) != nullptr &&
      X509_set_pubkey(x, key) == 1 && add_subject(x, domains.front()) &&
      add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(x, NID_key_usage, "critical,digitalSignature") &&
      add_extension(x, NID_ext_key_usage, "serverAuth,clientAuth") &&
      add_extension(x, NID_subject_key_identifier, "hash") &&
      add_extension(x, NID_subject_alt_name, alternative) && X509_sign(x, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

bool is_dns_name(const std::string& domain) {
  return !domain.empty() && domain.size() <= 253 &&
         std::all_of(domain.begin(), domain.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == '*';
         });
}

}  // namespace

bool CertificateInfo::covers(const std::string& domain) const {
  const auto wanted = lower(domain);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return matches(name, wanted); }) ||
         std::find(xmpp_addresses.begin(), xmpp_addresses.end(), wanted) != xmpp_addresses.end();
}

base::Result<CertificateInfo, std::string> inspect_certificate(
    const std::string& certificate_file) {
  auto chain = read_certificates(certificate_file);
  if (!chain) return base::fail(chain.error());
  const X509* certificate = chain->front().get();
  CertificateInfo info;
  info.subject = subject_of(certificate);
  info.sha256_fingerprint = fingerprint_of(certificate);
  info.not_before = time_of(X509_get0_notBefore(certificate));
  info.not_after = time_of(X509_get0_notAfter(certificate));
  read_names(certificate, info);
  return info;
}

base::Result<void, std::string> make_self_signed(const std::string& certificate_file,
                                                 const std::string& key_file,
                                                 const std::vector<std::string>& domains) {
  if (domains.empty()) return base::fail(std::string("a certificate needs a domain"));
  for (const auto& domain : domains) {
    if (!is_dns_name(domain)) {
      return base::fail("\"" + domain + "\" cannot stand in a certificate: write it in ASCII form");
    }
  }
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto certificate = key ? sign(key.get(), domains) : nullptr;
  if (!certificate) return base::fail(std::string("OpenSSL could not make a certificate"));
  const BioPtr key_pem(BIO_new(BIO_s_mem()));
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1) {
    return base::fail(std::string("OpenSSL could not write a certificate"));
  }
  if (auto r = write_file(key_file, text_of(key_pem.get()), 0600); !r) return r;
  return write_file(certificate_file, text_of(certificate_pem.get()), 0644);
}

}  // namespace net
