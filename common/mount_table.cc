// SPDX-License-Identifier: Apache-2.0
#include "common/mount_table.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <utility>

namespace capmon {
namespace {

// Returns the next word and removes it from `text`.
std::string_view Word(std::string_view& text, char separator = ' ') {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool HasOption(std::string_view options, std::string_view wanted) {
  while (!options.empty())
    if (Word(options, ',') == wanted) return true;
  return false;
}

bool IsBelow(const std::string& path, const std::string& point) {
  if (point == "/") return true;
  return path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
}

// "8:1", as the kernel puts the two numbers into one.
uint32_t DeviceOf(std::string_view text) {
  uint32_t major = 0, minor = 0;
  const std::string_view first = Word(text, ':');
  std::from_chars(first.begin(), first.end(), major);
  std::from_chars(text.begin(), text.end(), minor);
  return major << 20 | minor;
}

}  // namespace

std::string PathThrough(const Mount& mount, const std::string& path) {
  if (!path.starts_with("/") || !IsBelow(path, mount.root)) return "";
  const std::string rest = mount.root == "/" ? path : path.substr(mount.root.size());
  return mount.point == "/" ? rest : mount.point + rest;
}

std::string UnescapeMountField(std::string_view text) {
  const auto octal = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool MayNeverAnswer(std::string_view type) {
  static constexpr std::string_view kTypes[] = {
      "fuse", "fuseblk", "nfs",   "nfs4",   "cifs",     "smb3",  "smbfs",     "9p",     "ceph",
      "afs",  "coda",    "ncpfs", "lustre", "orangefs", "pvfs2", "glusterfs", "autofs",
  };
  return type.starts_with("fuse.") || std::ranges::find(kTypes, type) != std::end(kTypes);
}

// 36 35 98:0 /root /point rw,nosuid shared:1 - ext4 /dev/sda rw
MountTable::MountTable(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    std::string_view line = Word(mountinfo, '\n');
    const size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    std::string_view after = line.substr(dash + 3);
    const std::string_view number = Word(line);
    Word(line);  // the number of the mount above
    const uint32_t device = DeviceOf(Word(line));
    std::string root = UnescapeMountField(Word(line));
    int id = 0;
    if (std::from_chars(number.begin(), number.end(), id).ec != std::errc()) continue;
    const std::string_view point = Word(line);
    by_id_[id] = mounts_.size();
    mounts_.push_back({UnescapeMountField(point), std::string(Word(after)),
                       HasOption(Word(line), "nosuid"), std::move(root), device});
  }
}

const Mount* MountTable::Find(int id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &mounts_[found->second];
}

const Mount* MountTable::Of(const std::string& path) const {
  const std::string normal = std::filesystem::path(path).lexically_normal().string();
  const Mount* best = nullptr;
  for (const Mount& mount : mounts_)
    if (IsBelow(normal, mount.point) && (!best || mount.point.size() >= best->point.size()))
      best = &mount;
  return best;
}

}  // namespace capmon
