// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bpf_file_system.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <utility>

namespace capmon {

BpfFileSystem::BpfFileSystem(std::string path) : path_(std::move(path)) {
  mkdir(path_.c_str(), 0755);
  mounted_ = mount("bpf", path_.c_str(), "bpf", 0, nullptr) == 0;
}

BpfFileSystem::~BpfFileSystem() {
  if (mounted_) umount2(path_.c_str(), MNT_DETACH);
}

}  // namespace capmon
