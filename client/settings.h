// SPDX-License-Identifier: Apache-2.0
// What holds for every command.
#pragma once

#include <string>

#include "daemon/api/address.h"

namespace capmon {

enum class Format { kTable, kWide, kJson, kJsonLines, kMatrix };  // the last for `list` alone

struct Settings {
  std::string address = kDefaultAddress;
  Format format = Format::kTable;
  bool headers = true;

  bool json() const { return format == Format::kJson || format == Format::kJsonLines; }
  bool wide() const { return format == Format::kWide; }
};

}  // namespace capmon
