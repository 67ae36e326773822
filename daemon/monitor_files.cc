// SPDX-License-Identifier: Apache-2.0
// The capabilities of executed files: which files to read, and which containers an answer is for.
#include "daemon/monitor.h"
#include "daemon/profile/learn.h"
#include "daemon/profile/program_files.h"

namespace capmon {
namespace {

constexpr size_t kMaxLate = 4096;  // removed cgroups with unread files

}  // namespace

Monitor::FileWish Monitor::WishFor(const ProcessExec& exec) {
  const Profile* const profile = book_.Find(index_.FindOrAdd(exec.cgroup, now_).key);
  if (profile == nullptr || !WantsFile(*profile, exec)) return {};
  if (profile->files.contains(exec.exe)) return {true, std::nullopt};
  return {true, FileRead{exec.time, exec.cgroup, exec.exe, exec.path, false, {}, false}};
}

bool Monitor::WantsUserMap(const ProcessExec& exec) {
  const Profile* const profile = book_.Find(index_.FindOrAdd(exec.cgroup, now_).key);
  return profile != nullptr && capmon::WantsUserMap(*profile, exec);
}

void Monitor::ExpectLateAnswers(CgroupId removed, const std::string& key) {
  if (!HasUnreadFiles(*book_.Find(key))) return;
  if (late_.size() >= kMaxLate) late_.clear();
  late_[removed] = key;
}

// Answers are late: the cgroup may be gone, but its container's evidence is not.
void Monitor::On(const FileRead& read) {
  const auto late = late_.find(read.cgroup);
  std::string key;
  if (index_.Contains(read.cgroup))
    key = Charge(read.cgroup, read.time);
  else if (late != late_.end() && book_.Contains(late->second))
    key = late->second;
  if (key.empty()) return;
  Learn(book_.EditDetails(key), read);
  ShareFiles(key);
}

// Containers of one image have the same files: an answer for one is valid for all.
void Monitor::ShareFiles(const std::string& key) {
  const Profile* const profile = book_.Find(key);
  if (profile == nullptr || profile->container.image.empty()) return;
  const std::string image = profile->container.image;
  if (HasUnreadFiles(*profile))
    for (const std::string& other : images_.Of(image)) ShareFiles(other, key);
  std::set<std::string>& unread = unread_[image];
  for (auto other = unread.begin(); other != unread.end();) {
    ShareFiles(key, *other);
    const Profile* const still = book_.Find(*other);
    other = still == nullptr || !HasUnreadFiles(*still) ? unread.erase(other) : std::next(other);
  }
  if (HasUnreadFiles(*book_.Find(key))) unread.insert(key);
  if (unread.empty()) unread_.erase(image);
}

// Not for a container that sets file capabilities itself.
void Monitor::ShareFiles(const std::string& from, const std::string& to) {
  const Profile* const source = book_.Find(from);
  const Profile* const target = book_.Find(to);
  if (source == nullptr || target == nullptr || source == target) return;
  if (source->container.image != target->container.image) return;
  if (!CanLearnFiles(*target, *source) || GivesFilesCapabilities(*target)) return;
  LearnFiles(book_.EditDetails(to), *source);
}

void Monitor::ForgetUnread(const std::string& key) {
  const Profile* const profile = book_.Find(key);
  const auto unread = profile == nullptr ? unread_.end() : unread_.find(profile->container.image);
  if (unread == unread_.end()) return;
  unread->second.erase(key);
  if (unread->second.empty()) unread_.erase(unread);
}

}  // namespace capmon
