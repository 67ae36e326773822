// SPDX-License-Identifier: Apache-2.0
// Options shared by all commands.
#pragma once

#include <cstddef>
#include <string>

#include "common/address.h"

namespace capmon {

// kMatrix, kName and kCsv are for `list` only, kSarif and kJunit for `check -f`.
enum class Format { kTable, kWide, kJson, kJsonLines, kYaml, kMatrix, kName, kCsv, kSarif, kJunit };

// Returns true for output that programs read.
constexpr bool IsDocument(Format format) {
  return format == Format::kJson || format == Format::kJsonLines || format == Format::kYaml;
}

struct Settings {
  std::string address = kDefaultAddress;
  Format format = Format::kTable;
  bool headers = true;
  size_t width = 0;  // columns of the terminal; 0: no limit

  bool document() const { return IsDocument(format); }
  bool wide() const { return format == Format::kWide; }
};

}  // namespace capmon
