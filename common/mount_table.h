// SPDX-License-Identifier: Apache-2.0
// The mounts a process sees, from the text of /proc/PID/mountinfo: what a file system is, without a
// system call that the file system would have to answer. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

struct Mount {
  std::string point;  // below the root of that process
  std::string type;
  bool nosuid = false;  // programs on it gain nothing
};

// A path as it is: in mountinfo the kernel writes blanks and backslashes as "\040".
std::string UnescapeMountField(std::string_view field);

// Whether every access to such a file system may wait for another process or machine, also for
// ever: FUSE, network file systems, and mount points that wait for automount.
bool MayNeverAnswer(std::string_view file_system_type);

class MountTable {
 public:
  MountTable() = default;
  // Lines that cannot be read are passed over.
  explicit MountTable(std::string_view mountinfo);

  // By the number that /proc/PID/fdinfo/FD has. Null: the process does not see it.
  const Mount* Find(int id) const;
  // The mount that an absolute path leads into, by its text alone: links are not followed.
  const Mount* Of(const std::string& path) const;
  bool empty() const { return mounts_.empty(); }

 private:
  std::vector<Mount> mounts_;  // in the order of the text: later ones cover earlier ones
  std::map<int, size_t> by_id_;
};

}  // namespace capmon
