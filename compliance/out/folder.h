// SPDX-License-Identifier: Apache-2.0
// A folder that appears whole or not at all: it is written beside its name and renamed at the end.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace compliance {

class NewFolder {
 public:
  // `path` must not be there, or be an empty folder. The errors are sentences.
  static base::Result<NewFolder, std::string> begin(const std::string& path);
  NewFolder(NewFolder&&) = default;
  ~NewFolder();  // without finish(): nothing is left

  std::string path_of(const std::string& name) const { return partial_ + "/" + name; }
  base::Result<void, std::string> make_folder(const std::string& name) const;
  // The whole file, on stable storage.
  base::Result<void, std::string> write(const std::string& name, std::string_view text) const;

  // A file that is written piece by piece.
  class File {
   public:
    void write(std::string_view text);  // errors show at close()
    base::Result<void, std::string> close();

   private:
    friend class NewFolder;
    struct Close {
      void operator()(std::FILE* f) const { std::fclose(f); }
    };
    std::string name_;
    std::unique_ptr<std::FILE, Close> file_;
    bool failed_ = false;
    int error_ = 0;
  };
  base::Result<File, std::string> open(const std::string& name) const;

  base::Result<void, std::string> finish();

 private:
  NewFolder(std::string path, std::string partial)
      : path_(std::move(path)), partial_(std::move(partial)) {}
  std::string path_, partial_;  // partial_ is empty when it is done with
};

}  // namespace compliance
