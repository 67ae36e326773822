// SPDX-License-Identifier: Apache-2.0
// `capmon top`: the matrix, live.
#pragma once

#include "absl/status/status.h"
#include "client/base/settings.h"
#include "client/base/terminal_style.h"

namespace capmon {

struct TopOptions {
  double interval = 1;  // seconds between two requests
  bool all = false;     // includes ended containers
};

// Exits the process after the screen was shown; returns only if it could not be.
absl::Status Top(const Settings& settings, const TopOptions& options,
                 const TerminalStyleOptions& style);

}  // namespace capmon
