// SPDX-License-Identifier: Apache-2.0
// The settings that capmond needs to start: each is a flag and a key of capmond.yaml (options.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/model/runtimes.h"

namespace capmon {

struct Config {
  std::string address = "unix:///run/capmon/capmon.sock";
  std::string socket_group;
  std::vector<std::string> operators;  // besides root and capmond's own user
  std::vector<std::string> viewers;    // empty: every user that can connect
  std::string listen;                  // HOST:PORT; empty: no TCP
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  std::string record;
  std::string replay;
  std::string alerts;   // a file, "-" for stdout, empty for none
  std::string metrics;  // an address, empty for none
  std::string node;     // empty: the host's name
  std::string cluster;
  std::vector<std::string> docker_sockets = {SocketsOf(RuntimeApi::kDocker).front()};
  std::vector<std::string> cri_sockets = SocketsOf(RuntimeApi::kCri);
  std::vector<std::string> run_dirs = {"/run"};
  std::vector<std::string> docker_roots = {"/var/lib/docker"};
  std::vector<std::string> storage_roots = {"/var/lib/containers/storage"};
  std::string call_sites;
  std::string programs;
  std::string backend;
  std::string log_level = "info";
  std::string cgroup_root;  // empty: found in mountinfo
  std::string proc = "/proc";
  std::string state_dir = "/var/lib/capmon";   // "none" for none
  std::string pin_dir = "/sys/fs/bpf/capmon";  // likewise
  bool state_dir_given = false;                // an error then ends the start
  bool pin_dir_given = false;
  bool mount_bpffs = false;
  bool uninstall = false;
  int64_t baseline_after_seconds = 300;
  int64_t learn_for_seconds = 600;
  int64_t watch_budget_seconds = 120;  // per hour
  int64_t stable_after_seconds = 600;
  uint32_t complete_starts = 3;
  uint32_t complete_instances = 2;
  uint32_t complete_known_sites = 95;  // percent
  uint32_t max_checks = 0;             // 0: depends on the machine's memory
  uint32_t keys_per_container = 1024;
  uint32_t requests_per_second = 500;  // of one caller
};

}  // namespace capmon
