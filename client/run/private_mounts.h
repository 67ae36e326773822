// SPDX-License-Identifier: Apache-2.0
// A directory in memory and copies of directories, which exist only for this process and what it
// starts: the kernel removes them when the last of these ends, however it ends.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace capmon {

// An empty directory in memory. Others see a directory without content, which is removed with this
// object.
class PrivateDirectory {
 public:
  // Creates `path`, which no other process uses, gives the calling thread, and what it starts from
  // now on, a mount namespace of its own, and mounts the directory there.
  static absl::StatusOr<std::unique_ptr<PrivateDirectory>> Make(const std::string& path);
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

 private:
  explicit PrivateDirectory(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

// A directory that begins as a copy of another one, for the lifetime of this object. What is
// written to it is kept in memory.
class WritableCopy {
 public:
  // `place` is a directory below the private one and does not exist.
  WritableCopy(std::string original, std::string place);
  ~WritableCopy();
  WritableCopy(const WritableCopy&) = delete;
  WritableCopy& operator=(const WritableCopy&) = delete;

  const absl::Status& status() const { return status_; }
  std::string path() const { return place_ + "/root"; }

 private:
  std::string place_;
  absl::Status status_;
};

}  // namespace capmon
