// SPDX-License-Identifier: Apache-2.0
// StreamLog: why a login failed. libstrophe 0.12 tells its caller only that the connection has
// ended; the reason stands in its log: the server's own <failure/>, what is wrong with the
// certificate, that there is no TLS. Lines it does not know change nothing. Nothing of a line is
// kept but that reason: lines may hold passwords.
#pragma once

#include <string>
#include <string_view>

namespace probe {

class StreamLog {
 public:
  void clear() { *this = StreamLog(); }
  void read(std::string_view line);

  bool not_xmpp() const { return not_xmpp_; }          // what came is no XML
  bool tls_missing() const { return tls_missing_; }    // asked for, not offered
  bool tls_failed() const { return tls_failed_; }      // the handshake
  bool no_mechanism() const { return no_mechanism_; }  // none that both sides know
  bool bind_refused() const { return bind_refused_; }  // the resource
  const std::string& certificate_fault() const { return certificate_fault_; }  // OpenSSL's name
  const std::string& sasl_condition() const { return sasl_condition_; }  // RFC 6120 6.5, the last
  const std::string& sasl_text() const { return sasl_text_; }            // the server's own words

 private:
  bool not_xmpp_ = false, tls_missing_ = false, tls_failed_ = false, no_mechanism_ = false,
       bind_refused_ = false;
  std::string certificate_fault_, sasl_condition_, sasl_text_;
};

}  // namespace probe
