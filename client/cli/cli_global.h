// SPDX-License-Identifier: Apache-2.0
// The options of every command: where capmond is, and the form of the output.
#pragma once

#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/rpc/endpoint.h"

namespace capmon {

struct GlobalOptions {
  EndpointOptions endpoint;
  std::string format = "table";
  bool no_headers = false;
};

void AddGlobalOptions(CLI::App& app, GlobalOptions& options);

// Returns the format of a command line that was parsed. INVALID_ARGUMENT if its command does not
// have it, or for a template with an error.
absl::StatusOr<OutputFormat> FormatOf(const CLI::App& app, const GlobalOptions& options);

}  // namespace capmon
