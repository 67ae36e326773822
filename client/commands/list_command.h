// SPDX-License-Identifier: Apache-2.0
// `capmon list`: what is known of workloads, or of containers, a line each.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/base/settings.h"
#include "client/base/terminal_style.h"
#include "client/commands/list_selection.h"

namespace capmon {

struct ListOptions {
  bool all = false;             // also what has ended, and sandboxes
  bool instances = false;       // containers, not workloads
  bool watch = false;           // then print rows again when they change
  bool all_namespaces = false;  // the default, with a column for them
  std::string since;            // "2h"
  ListSelection selection;
};

absl::Status List(const Settings& settings, ListOptions options, const TerminalStyleOptions& style);

}  // namespace capmon
