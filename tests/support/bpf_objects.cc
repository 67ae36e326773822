// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bpf_objects.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "daemon/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace capmon {

BpfObjects BpfObjectsOf(pid_t pid) {
  BpfObjects objects;
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fdinfo",
                                                  error);
  for (const auto& file : files) {
    std::ifstream text(file.path());
    bool is_link = false;
    uint32_t id = 0;
    for (std::string word; text >> word;) {
      if (word == "link_id:" && text >> id) {
        objects.links.insert(id);
        is_link = true;
      }
      if (word == "prog_id:" && text >> id && !is_link) objects.programs.insert(id);
    }
  }
  return objects;
}

BpfObjects StillThere(const BpfObjects& objects) {
  BpfObjects there;
  for (uint32_t id : objects.programs) {
    if (UniqueFd(bpf_prog_get_fd_by_id(id))) there.programs.insert(id);
  }
  for (uint32_t id : objects.links) {
    if (UniqueFd(bpf_link_get_fd_by_id(id))) there.links.insert(id);
  }
  return there;
}

bool KernelTellsResults() {
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 1;
}

bool KernelAwaitsEnds() {
  const char* const backend = std::getenv("CAPMON_TEST_BACKEND");
  if (backend != nullptr && std::string_view(backend) == "kprobe") return false;
  return ReadFile("/sys/kernel/btf/vmlinux").find("bpf_task_work_schedule_resume") !=
         std::string::npos;
}

bool KernelPinsKprobes() {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_attach_cookie, nullptr) == 1;
}

}  // namespace capmon
