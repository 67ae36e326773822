// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/runc_container.h"

namespace capmon {
namespace {

std::vector<std::string> CgroupMounts() {
  std::vector<std::string> mounts;
  std::ifstream table("/proc/self/mounts");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string source, target, type;
    fields >> source >> target >> type;
    if (type == "cgroup" || type == "cgroup2") mounts.push_back(target);
  }
  return mounts;
}

}  // namespace

TestCgroup::TestCgroup() : TestCgroup("/docker", RandomContainerId()) {}

TestCgroup::TestCgroup(const std::string& parent, const std::string& name) : id_(name) {
  for (const std::string& mount : CgroupMounts()) {
    std::error_code ignored;
    std::filesystem::create_directories(mount + parent, ignored);
    const std::string own = mount + parent + "/" + id_;
    if (mkdir(own.c_str(), 0755) == 0) directories_.push_back(own);
  }
}

TestCgroup::~TestCgroup() {
  for (const std::string& directory : directories_) rmdir(directory.c_str());
}

}  // namespace capmon
