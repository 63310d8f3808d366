// SPDX-License-Identifier: Apache-2.0
#include "db/secrets.h"

#include <array>
#include <span>

#include "base/crypto.h"
#include "db/parts_text.h"
#include "db/sql/sql.h"

namespace db {
namespace {

struct Kind {
  const char* name;
  std::size_t size;
  std::string Secrets::*member;
};
constexpr std::array kinds{
    Kind{"id", 16, &Secrets::id_key},
    Kind{"occupant_id", 32, &Secrets::occupant_id_key},
    Kind{"pseudonym", 32, &Secrets::pseudonym_key},
    Kind{"fake_salt", 32, &Secrets::fake_salt_key},
};

}  // namespace

void make_secrets(Session& session, base::Random& random) {
  Transaction transaction(session, Transaction::Kind::write);
  for (const auto& kind : kinds) {
    std::string key(kind.size, '\0');
    random.fill(std::as_writable_bytes(std::span(key)));
    const std::string name = kind.name, value = base::hex(key);
    Statement(session)
        .use(name)
        .use(value)
        .prepare("INSERT INTO secret (name, value) VALUES (:a, :b) ON CONFLICT (name) DO NOTHING")
        .run();
  }
  transaction.commit();
}

base::Result<Secrets, std::string> read_secrets(Session& session) {
  Secrets secrets;
  for (const auto& kind : kinds) {
    const std::string name = kind.name;
    std::string value;
    Statement(session)
        .use(name)
        .into(value)
        .prepare("SELECT value FROM secret WHERE name = :a")
        .one();
    auto key = from_hex(value);
    if (!key || key->size() != kind.size)
      return base::fail("the stored key \"" + name +
                        "\" is damaged: restore the database from a backup");
    secrets.*kind.member = std::move(*key);
  }
  return secrets;
}

}  // namespace db
