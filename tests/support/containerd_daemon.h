// SPDX-License-Identifier: Apache-2.0
// The real containerd with its CRI service, in a directory of its own, and a client that does what
// kubelet does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {

struct PodSpec {
  std::string name;
  std::string name_space;
  std::string container;             // its name
  std::vector<std::string> command;  // of the container
  std::vector<std::string> drop;     // capabilities, "MKNOD"
  std::string template_hash;         // of its ReplicaSet
};

class ContainerdDaemon {
 public:
  // Has one image, kImage, from a root file system on disk.
  static absl::StatusOr<ContainerdDaemon> Start(const std::string& rootfs);
  ContainerdDaemon(ContainerdDaemon&&) = default;
  ~ContainerdDaemon();  // removes all pods and stops

  static constexpr char kImage[] = "capmon.test/image:1";

  std::string socket() const { return *directory_ / "c.sock"; }
  std::string run_dir() const { return *directory_ / "run"; }  // as /run is on a node
  Outcome Ctr(const std::vector<std::string>& arguments) const;
  // Starts a pod on the host's network with one container; returns the container's id.
  absl::StatusOr<std::string> RunPod(const PodSpec& spec);

 private:
  ContainerdDaemon(std::unique_ptr<TempDir> directory, ChildProcess process)
      : directory_(std::move(directory)), process_(std::move(process)) {}

  absl::Status Import(const std::string& rootfs) const;

  std::unique_ptr<TempDir> directory_;
  ChildProcess process_;
  std::vector<std::string> pods_;
};

}  // namespace capmon
