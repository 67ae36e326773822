// SPDX-License-Identifier: Apache-2.0
// One container of runc alone, with exactly the given capabilities, its own namespaces, a cgroup
// named as Docker names it, and pipes and memory as its standard streams.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {

struct ContainerSpec {
  std::string rootfs;  // absolute
  std::vector<std::string> command;
  std::vector<std::string> capabilities;  // "CAP_NET_RAW": bounding, permitted and effective
  std::string cgroup = "";                // "/docker/ID" unless given
  std::string state = "";                 // runc's directory; its own unless given
  uint32_t uid = 0;
  bool no_new_privs = false;
  bool fuse = false;  // has /dev/fuse
  bool host_network = false;
  uint32_t first_id = 0;  // not 0: in a user namespace of its own whose user 0 is this user outside
};

class RuncContainer {
 public:
  static absl::StatusOr<RuncContainer> Start(const ContainerSpec& spec);
  RuncContainer(RuncContainer&&) = default;
  ~RuncContainer();  // removes it, running or not

  const std::string& id() const { return id_; }
  // runc itself, which passes on the streams and the exit code of the command.
  ChildProcess& process() { return process_; }

 private:
  RuncContainer(std::string id, std::string state, std::unique_ptr<TempDir> directory,
                ChildProcess process)
      : id_(std::move(id)),
        state_(std::move(state)),
        directory_(std::move(directory)),
        process_(std::move(process)) {}

  std::string id_;
  std::string state_;
  std::unique_ptr<TempDir> directory_;  // bundle and, unless given, runc's state
  ChildProcess process_;
};

// Writes the config.json that Start() would use into a directory.
bool WriteBundle(const ContainerSpec& spec, const std::string& id, const std::string& directory);

// 64 random hexadecimal digits.
std::string RandomContainerId();

}  // namespace capmon
