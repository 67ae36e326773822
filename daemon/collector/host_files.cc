// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/host_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <fstream>
#include <utility>

#include "daemon/collector/file_status.h"

namespace capmon {
namespace {

// As of a runtime's process that has not entered the container yet.
bool IsOurRoot(const UniqueFd& folder) {
  const auto a = StatusOf(folder), b = StatusOf(Open("/", O_PATH | O_DIRECTORY));
  return a && b && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor &&
         a->stx_ino == b->stx_ino;
}

// As a process of the initial user namespace sees it.
IdMap ReadUserMap(const std::string& process) {
  IdMap ids;
  std::ifstream map(process + "/uid_map");
  constexpr size_t kMaxLines = 340;
  for (IdRange range;
       ids.size() < kMaxLines && map >> range.inside >> range.outside >> range.count;)
    ids.push_back(range);
  return ids;
}

}  // namespace

FileAnswer HostFiles::Answer(const FileQuestion& question) {
  switch (question.kind) {
    case FileQuestion::Kind::kFile: return FindFile(proc_, question, RootFor(question));
    case FileQuestion::Kind::kUserMap:
      return {.known = true,
              .permitted = {},
              .effective = false,
              .ids = ReadUserMap(fmt::format("{}/{}", proc_, question.pid))};
    case FileQuestion::Kind::kRoot: RootFor(question); return {};
    case FileQuestion::Kind::kForget: roots_.erase(question.cgroup); return {};
    case FileQuestion::Kind::kNothing: return {};
  }
  return {};
}

const KeptRoot& HostFiles::RootFor(const FileQuestion& question) {
  static const KeptRoot kNone;
  if (question.kind == FileQuestion::Kind::kFile && question.exe == 0) return kNone;
  if (!roots_.contains(question.cgroup) && roots_.size() >= kMaxRoots) roots_.clear();
  KeptRoot& root = roots_[question.cgroup];
  for (const uint32_t pid : {question.pid, question.first_pid}) {
    if (root.directory || pid == 0) continue;
    const std::string process = fmt::format("{}/{}", proc_, pid);
    UniqueFd found = Open(process + "/root", O_PATH | O_DIRECTORY);
    if (!found || IsOurRoot(found)) continue;
    root.directory = std::move(found);
    root.mount_id = MountOf(root.directory);
    const MountTable mounts(TextOf(process + "/mountinfo"));
    if (const Mount* const mount = mounts.Find(root.mount_id)) root.mount = *mount;
  }
  return root;
}

}  // namespace capmon
