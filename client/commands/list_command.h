// SPDX-License-Identifier: Apache-2.0
// `capmon list`: what is known of workloads, or of containers, a line each.
#pragma once

#include "absl/status/status.h"
#include "client/base/settings.h"
#include "client/base/terminal_style.h"
#include "client/commands/list_selection.h"

namespace capmon {

struct ListOptions {
  bool all = false;        // also what has ended
  bool instances = false;  // containers, not workloads
  ListSelection selection;
};

absl::Status List(const Settings& settings, const ListOptions& options,
                  const TerminalStyleOptions& style);

}  // namespace capmon
