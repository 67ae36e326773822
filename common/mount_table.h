// SPDX-License-Identifier: Apache-2.0
// The mounts of a process, from the text of /proc/PID/mountinfo: the type of a file system, without
// a system call that the file system would have to answer. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace capmon {

struct Mount {
  std::string point;  // below the root of that process
  std::string type;
  bool nosuid = false;  // programs on it gain no privileges
  std::string root;     // the folder of the file system that is mounted
  uint32_t device = 0;  // of the file system, as the kernel keeps the number
};

// Where the mount shows a file that has this path in its file system; "" where it does not.
std::string PathThrough(const Mount& mount, const std::string& path);

// A path as it is: in mountinfo the kernel writes blanks and backslashes as "\040".
std::string UnescapeMountField(std::string_view field);

// Returns whether an access to such a file system may wait for another process or machine, perhaps
// for ever: FUSE, network file systems, and automount points.
bool MayNeverAnswer(std::string_view file_system_type);

class MountTable {
 public:
  MountTable() = default;
  // Skips lines that cannot be read.
  explicit MountTable(std::string_view mountinfo);

  // Finds a mount by the number in /proc/PID/fdinfo/FD. Null: not visible to the process.
  const Mount* Find(int id) const;
  // Finds the mount of an absolute path by its text: follows no links.
  const Mount* Of(const std::string& path) const;
  const std::vector<Mount>& mounts() const { return mounts_; }
  bool empty() const { return mounts_.empty(); }

 private:
  std::vector<Mount> mounts_;  // in the order of the text; later ones cover earlier ones
  std::map<int, size_t> by_id_;
};

}  // namespace capmon
