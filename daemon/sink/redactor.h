// SPDX-License-Identifier: Apache-2.0
// Removes the secrets of one sink from what its receiver answered: a receiver may echo a request.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sink/sink_settings.h"

namespace capmon {

class Redactor {
 public:
  explicit Redactor(const SinkSettings& settings) : settings_(settings) {}

  // Reads the secrets as they are now. Those of before stay known: a file may change while a
  // request is under way.
  void Learn();
  // Returns the text without secrets, as Printable() has it. A secret in a form that receivers
  // write it in (JSON, HTML, URL, base64) counts, and one that is cut off at the end.
  std::string Shown(std::string_view text) const;

 private:
  using Forms = std::set<std::string>;
  Forms Read() const;

  static constexpr size_t kMostGenerations = 4;

  const SinkSettings settings_;
  std::deque<Forms> generations_;   // what was read, the newest last
  std::vector<std::string> forms_;  // of all of them; longest first
};

}  // namespace capmon
