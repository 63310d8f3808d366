// SPDX-License-Identifier: Apache-2.0
// The file outside the archive to which checkpoints are appended: who may write the archive should
// not be able to write it. One note after the other, an empty line behind each.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace compliance {

class Published {
 public:
  explicit Published(std::string file) : file_(std::move(file)) {}
  const std::string& file() const { return file_; }

  // The last note that is whole; "" if there is none or no file. The errors are sentences.
  base::Result<std::string, std::string> last() const;
  // On stable storage when it returns. A note that was left half written is ended first.
  base::Result<void, std::string> append(const std::string& note) const;

 private:
  std::string file_;
};

}  // namespace compliance
