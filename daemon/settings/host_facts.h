// SPDX-License-Identifier: Apache-2.0
// What a settings file names on this machine: files, directories, variables of the environment.
#pragma once

#include <functional>
#include <string>

#include "daemon/model/kernel_event.h"

namespace capmon {

struct HostFacts {
  // Returns why the file cannot be read: "there is no such file"; "" if it can.
  std::function<std::string(const std::string& path)> file_problem;
  std::function<std::string(const std::string& path)> directory_problem;
  // Returns why capmond cannot append to this file, which need not exist: "it is a directory".
  std::function<std::string(const std::string& path)> new_file_problem;
  // The path without links, . and .. as far as it exists: equal for one file in two spellings.
  std::function<std::string(const std::string& path)> real_path;
  // Returns why the text of "file:/PATH" or "env:NAME" cannot be a secret: "it is empty".
  std::function<std::string(const std::string& source)> secret_problem;
  // True if users other than the owner and the group can read it.
  std::function<bool(const std::string& path)> open_to_all;
  std::function<bool(const std::string& name)> has_variable;
  // True if users other than the owner and root's group can write it.
  std::function<bool(const std::string& path)> writable_by_others;
  TimeNs now = 0;
};

HostFacts ThisHost();

}  // namespace capmon
