// SPDX-License-Identifier: Apache-2.0
// What holds for every command.
#pragma once

#include <string>

#include "common/address.h"

namespace capmon {

// The last is for `list` alone.
enum class Format { kTable, kWide, kJson, kJsonLines, kYaml, kMatrix };

// For programs, not for people.
constexpr bool IsDocument(Format format) {
  return format == Format::kJson || format == Format::kJsonLines || format == Format::kYaml;
}

struct Settings {
  std::string address = kDefaultAddress;
  Format format = Format::kTable;
  bool headers = true;

  bool document() const { return IsDocument(format); }
  bool wide() const { return format == Format::kWide; }
};

}  // namespace capmon
