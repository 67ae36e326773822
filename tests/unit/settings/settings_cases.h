// SPDX-License-Identifier: Apache-2.0
// A machine of the test's own, for settings files that name files and variables.
#pragma once

#include <string>

#include "daemon/settings/host_facts.h"

namespace capmon {

// Has every path but those below /missing, and the variable SET. Every user can read what is below
// /exists/open.
inline HostFacts TestHost() {
  const auto problem = [](const std::string& path) -> std::string {
    return path.starts_with("/missing") ? "there is no such file" : "";
  };
  return {.file_problem = problem,
          .directory_problem = problem,
          .open_to_all = [](const std::string& path) { return path.starts_with("/exists/open"); },
          .has_variable = [](const std::string& name) { return name == "SET"; }};
}

}  // namespace capmon
