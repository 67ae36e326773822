// SPDX-License-Identifier: Apache-2.0
// A Docker of the test's own: real dockerd, private directories, no bridge, no packet filter rules.
// Does not touch the host's Docker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {

class DockerDaemon {
 public:
  static absl::StatusOr<DockerDaemon> Start();
  DockerDaemon(DockerDaemon&&) = default;
  ~DockerDaemon();  // removes every container, then stops

  std::string socket() const { return *directory_ / "docker.sock"; }
  std::string run_dir() const { return *directory_ / "run"; }     // as /run is on a host
  std::string data_root() const { return *directory_ / "data"; }  // as /var/lib/docker is
  Outcome Docker(const std::vector<std::string>& arguments) const;
  // Imports an image from a root file system on disk.
  absl::Status Import(const std::string& rootfs, const std::string& image) const;

 private:
  DockerDaemon(std::unique_ptr<TempDir> directory, ChildProcess process)
      : directory_(std::move(directory)), process_(std::move(process)) {}

  std::unique_ptr<TempDir> directory_;
  ChildProcess process_;
};

}  // namespace capmon
