// SPDX-License-Identifier: Apache-2.0
// A machine of the test's own, for settings files that name files and variables.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "daemon/settings/host_facts.h"

namespace capmon {

// Has every path but those below /missing, and the variable SET. Every user can read what is below
// /exists/open; /exists/link is a link to /exists.
inline HostFacts TestHost() {
  const auto problem = [](const std::string& path) -> std::string {
    return path.starts_with("/missing") ? "there is no such file" : "";
  };
  return {.file_problem = problem,
          .directory_problem = problem,
          .new_file_problem = [](const std::string& path) -> std::string {
            if (path.starts_with("/missing")) return "there is no directory /missing";
            return path.ends_with("/directory") ? "it is a directory" : "";
          },
          .real_path = [](const std::string& path) -> std::string {
            constexpr std::string_view kLink = "/exists/link/";
            const bool link = path.starts_with(kLink);
            return std::filesystem::path(link ? "/exists/" + path.substr(kLink.size()) : path)
                .lexically_normal();
          },
          .secret_problem = [](const std::string& source) -> std::string {
            if (source.ends_with("/empty")) return "the secret " + source + " is empty";
            return source.ends_with("/lines")
                       ? "the secret " + source + " contains a control character"
                       : "";
          },
          .open_to_all = [](const std::string& path) { return path.starts_with("/exists/open"); },
          .has_variable = [](const std::string& name) { return name == "SET"; },
          .writable_by_others = [](const std::string&) { return false; },
          .now = TimeNs{1780272000} * kSecond};  // 2026-06-01
}

}  // namespace capmon
