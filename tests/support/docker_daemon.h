// SPDX-License-Identifier: Apache-2.0
// A Docker of the test's own: real dockerd, private directories, no bridge, no packet filter rules.
// Does not touch the host's Docker.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {

struct DockerOptions {
  std::vector<std::string> flags = {};
  std::string size = {};  // of its data: a file system in memory, like "64m"
};

class DockerDaemon {
 public:
  static absl::StatusOr<DockerDaemon> Start(const DockerOptions& options = {});
  DockerDaemon(DockerDaemon&&) = default;
  ~DockerDaemon();  // removes every container, then stops
  // Ends it with this signal, and starts it again with the same data.
  absl::Status Restart(int signal);

  std::string socket() const { return *directory_ / "docker.sock"; }
  std::string run_dir() const { return *directory_ / "run"; }     // as /run is on a host
  std::string data_root() const { return *directory_ / "data"; }  // as /var/lib/docker is
  Outcome Docker(const std::vector<std::string>& arguments) const;
  // Imports an image from a root file system on disk.
  absl::Status Import(const std::string& rootfs, const std::string& image) const;

 private:
  DockerDaemon(std::unique_ptr<TempDir> directory, DockerOptions options)
      : directory_(std::move(directory)), options_(std::move(options)) {}
  absl::Status StartProcess();

  std::unique_ptr<TempDir> directory_;
  DockerOptions options_;
  std::optional<ChildProcess> process_;
};

}  // namespace capmon
