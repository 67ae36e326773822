// SPDX-License-Identifier: Apache-2.0
// A BPF file system of the test's own, mounted during the lifetime of the object.
#pragma once

#include <string>

namespace capmon {

class BpfFileSystem {
 public:
  explicit BpfFileSystem(std::string path);  // made when missing
  ~BpfFileSystem();
  BpfFileSystem(const BpfFileSystem&) = delete;
  BpfFileSystem& operator=(const BpfFileSystem&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool mounted_;
};

}  // namespace capmon
