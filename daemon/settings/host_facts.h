// SPDX-License-Identifier: Apache-2.0
// What a settings file names on this machine: files, directories, variables of the environment.
#pragma once

#include <functional>
#include <string>

namespace capmon {

struct HostFacts {
  // Returns why the file cannot be read: "there is no such file"; "" if it can.
  std::function<std::string(const std::string& path)> file_problem;
  std::function<std::string(const std::string& path)> directory_problem;
  // True if users other than the owner and the group can read it.
  std::function<bool(const std::string& path)> open_to_all;
  std::function<bool(const std::string& name)> has_variable;
};

HostFacts ThisHost();

}  // namespace capmon
