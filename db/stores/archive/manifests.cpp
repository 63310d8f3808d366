// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "db/stores/archive.h"
#include "db/stores/archive/readable.h"
#include "db/stores/archive/tree.h"
#include "db/stores/archive/volumes/volumes.h"

namespace db {
namespace {

using namespace archive;
using compliance::Manifest;
using compliance::StoreError;

Manifest manifest_of(std::int64_t number, const std::string& request, const std::string& sha256,
                     const std::string& text) {
  return {number, digest(request), digest(sha256), text};
}

class StoredManifests final : public compliance::ManifestStore {
 public:
  explicit StoredManifests(Target target) : target_(std::move(target)) {}

  Read<std::optional<Manifest>> manifest_for(const base::Sha256& request) override {
    return with(Session::Use::reader, [&](Session& session) {
      return in_any(session, [&](Session& volume) { return find(volume, hex(request)); });
    });
  }

  Read<std::optional<Manifest>> last_manifest() override {
    return with(Session::Use::reader,
                [this](Session& session) { return in_any(session, &StoredManifests::last); });
  }

  base::Result<void, StoreError> add_manifest(const Manifest& manifest) override {
    const auto done = with(Session::Use::full, [&](Session& session) {
      Transaction transaction(session, Transaction::Kind::write);
      const auto before = in_any(session, &StoredManifests::last);
      if (manifest.number != (before ? before->number : 0) + 1)
        throw Refused("it is not the next manifest");
      const std::string request = hex(manifest.request), sha256 = hex(manifest.sha256);
      Statement(session)
          .use(manifest.number)
          .use(request)
          .use(sha256)
          .use(manifest.text)
          .prepare("INSERT INTO manifest (number, request, sha256, body) VALUES (:a, :b, :c, :d)")
          .run();
      transaction.commit();
      return true;
    });
    if (!done) return base::fail(done.error());
    return {};
  }

  std::string last_error() const override { return last_error_; }

 private:
  // Of the volume that grows, or of the newest before it that has one.
  template <class F>
  std::optional<Manifest> in_any(Session& growing, F&& look) {
    if (auto found = look(growing)) return found;
    auto sealed = sealed_volumes(target_);
    for (auto volume = sealed.rbegin(); volume != sealed.rend(); ++volume) {
      Session session(volume->target, Session::Use::reader);
      if (auto found = look(session)) return found;
    }
    return std::nullopt;
  }

  static std::optional<Manifest> find(Session& session, const std::string& request) {
    std::int64_t number = 0;
    std::string sha256, text;
    const bool found = Statement(session)
                           .use(request)
                           .into(number)
                           .into(sha256)
                           .into(text)
                           .prepare("SELECT number, sha256, body FROM manifest WHERE request = :a")
                           .one();
    if (!found) return std::nullopt;
    return manifest_of(number, request, sha256, text);
  }

  static std::optional<Manifest> last(Session& session) {
    std::int64_t number = 0;
    std::string request, sha256, text;
    const bool found = Statement(session)
                           .into(number)
                           .into(request)
                           .into(sha256)
                           .into(text)
                           .prepare(
                               "SELECT number, request, sha256, body FROM manifest"
                               " ORDER BY number DESC LIMIT 1")
                           .one();
    if (!found) return std::nullopt;
    return manifest_of(number, request, sha256, text);
  }

  template <class F>
  auto with(Session::Use use, F&& act) -> Read<std::invoke_result_t<F, Session&>> {
    try {
      std::optional<VolumeGate> gate(std::in_place, target_, VolumeGate::Side::opening);
      Session session(target_, use);
      (void)extent_of(session);
      gate.reset();
      return act(session);
    } catch (const Refused& refusal) {
      last_error_ = refusal.what();
      return base::fail(StoreError::refused);
    } catch (const DatabaseError& error) {
      last_error_ = error.what();
      return base::fail(error.constraint() ? StoreError::refused : StoreError::unavailable);
    }
  }

  const Target target_;
  std::string last_error_;
};

}  // namespace

base::Result<std::unique_ptr<compliance::ManifestStore>, std::string> open_manifests(
    const std::string& url, const std::string& data_dir) {
  using Opened = base::Result<std::unique_ptr<compliance::ManifestStore>, std::string>;
  auto target = readable(url, data_dir);
  if (!target) return base::fail(target.error());
  return Opened(std::make_unique<StoredManifests>(*std::move(target)));
}

}  // namespace db
