// SPDX-License-Identifier: Apache-2.0
// A cgroup named like a Docker container's, in every hierarchy of this host: puts any process of
// the host into a "container".
#pragma once

#include <string>
#include <vector>

namespace capmon {

class TestCgroup {
 public:
  TestCgroup();
  // Another name and place; `parent` stays.
  TestCgroup(const std::string& parent, const std::string& name);
  ~TestCgroup();  // must be empty by then
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;

  const std::string& id() const { return id_; }
  // For ProcessOptions::cgroups.
  const std::vector<std::string>& directories() const { return directories_; }

 private:
  std::string id_;
  std::vector<std::string> directories_;
};

}  // namespace capmon
