// SPDX-License-Identifier: Apache-2.0
// Turns: of one name one thing is under way at a time. Thread-safe; whoever holds a turn may let it
// go on any thread, also when the Turns are no more.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace server {

class Turns {
 public:
  using Turn = std::shared_ptr<void>;

  // Ends with its last copy. Null: somebody else's is not over.
  Turn take(const std::string& name) {
    {
      const std::lock_guard lock(names_->mutex);
      if (!names_->busy.insert(name).second) return nullptr;
    }
    return Turn(names_.get(), [names = names_, name](Names*) {
      const std::lock_guard lock(names->mutex);
      names->busy.erase(name);
    });
  }

 private:
  struct Names {
    std::mutex mutex;
    std::unordered_set<std::string> busy;
  };
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
};

}  // namespace server
