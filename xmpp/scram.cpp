// SPDX-License-Identifier: Apache-2.0
#include "xmpp/scram.h"

#include "xmpp/prep.h"

namespace xmpp {

ScramKeys derive_scram_keys(base::Hash hash, std::string_view password, std::string_view salt,
                            int iterations) {
  const std::string salted = base::pbkdf2(hash, password, salt, iterations);
  return {std::string(salt), iterations, base::digest(hash, base::hmac(hash, salted, "Client Key")),
          base::hmac(hash, salted, "Server Key")};
}

bool password_matches(base::Hash hash, std::string_view password, const ScramKeys& keys) {
  if (keys.iterations <= 0) return false;  // an account without a password
  const ScramKeys tried = derive_scram_keys(hash, password, keys.salt, keys.iterations);
  return base::equal_constant_time(tried.stored_key, keys.stored_key);
}

std::string prepare_password(std::string_view password) {
  constexpr std::size_t password_size_max = 1024;
  if (password.size() > password_size_max) return {};
  return stringprep(Profile::saslprep, password).value_or("");
}

}  // namespace xmpp
