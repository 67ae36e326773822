// SPDX-License-Identifier: Apache-2.0
// capmond's settings, from its command line.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "daemon/model/runtimes.h"

namespace capmon {

struct Config {
  std::string address = "unix:///run/capmon/capmon.sock";
  std::string socket_group;
  std::string record;
  std::string replay;
  std::string alerts;  // a file, "-" for stdout, empty for none
  std::string docker_socket = SocketsOf(RuntimeApi::kDocker).front();
  std::vector<std::string> cri_sockets = SocketsOf(RuntimeApi::kCri);
  std::vector<std::string> run_dirs = {"/run"};
  std::vector<std::string> docker_roots = {"/var/lib/docker"};
  std::vector<std::string> storage_roots = {"/var/lib/containers/storage"};
  std::string call_sites;
  std::string programs;
  std::string backend;
  std::string log_level = "info";
  std::string cgroup_root;  // empty: found through mountinfo
  std::string proc = "/proc";
  std::string state_dir = "/var/lib/capmon";   // "none" for none
  std::string pin_dir = "/sys/fs/bpf/capmon";  // likewise
  bool state_dir_given = false;                // then it must do
  bool pin_dir_given = false;
  bool mount_bpffs = false;
  bool uninstall = false;
  int64_t baseline_after_seconds = 300;
  int64_t learn_for_seconds = 600;
  int64_t stable_after_seconds = 600;
  uint32_t max_checks = 0;  // 0: by the machine's memory
  uint32_t keys_per_container = 1024;
};

// The settings, or the exit code of a command line that asks for nothing more (--help) or is wrong;
// what is wrong has been said on stderr.
std::variant<Config, int> ParseCommandLine(int argc, char** argv);

}  // namespace capmon
