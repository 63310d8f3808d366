// SPDX-License-Identifier: Apache-2.0
// A look at the words of the command line before anything reads them.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace server {

// Words that are not UTF-8, hold control characters or are over 64 KiB: a sentence, else nothing.
std::optional<std::string> refuse_arguments(std::span<char* const> words);

// Overwrites the value of `option` ("--password") where it stands, so that `ps` no longer shows it.
void blank_out(std::span<char* const> words, const std::string& option);

}  // namespace server
