// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/program_files.h"

#include <linux/capability.h>

#include <algorithm>

#include "daemon/profile/gates.h"

namespace capmon {
namespace {

// The same file, if it is known there and could not be read here.
const ProgramFile* TwinOf(const Profile& twin, uint32_t exe, const ProgramFile& file) {
  const auto other = twin.files.find(exe);
  const bool same = !file.known && other != twin.files.end() && other->second.known &&
                    other->second.path == file.path;
  return same ? &other->second : nullptr;
}

}  // namespace

bool InOwnNamespace(const Profile& profile, uint8_t level) {
  return profile.held && level > profile.held->userns_level;
}

std::optional<ProgramFile> FileBySets(const ProcessExec& exec) {
  if (exec.file_known)
    return ProgramFile{exec.path, true, exec.file_permitted, exec.file_effective};
  // The kernel ignores them in a mount of no mount namespace, or of another one than the task's.
  if (exec.exe_origin == ExeOrigin::kMemory || exec.exe_origin == ExeOrigin::kNone ||
      exec.exe_origin == ExeOrigin::kOutside)
    return ProgramFile{exec.path, true, {}, false};
  if (exec.existing || exec.userns_level != 0 || exec.uid == 0 || exec.euid == 0 ||
      exec.set_id_file)
    return std::nullopt;
  // For other users the kernel marks every exec of a file with the effective bit as a secure one.
  if (!exec.secure_exec || !exec.ambient.empty()) return ProgramFile{exec.path, true, {}, false};
  if (exec.no_new_privs || !exec.inheritable.empty()) return std::nullopt;
  return ProgramFile{exec.path, true, exec.permitted, !exec.effective.empty()};
}

bool WantsFile(const Profile& profile, const ProcessExec& exec) {
  if (exec.existing || exec.exe == 0 || FileBySets(exec)) return false;
  if (!IsWorkload(profile.container, exec.exe_origin) || InOwnNamespace(profile, exec.userns_level))
    return false;
  const auto known = profile.files.find(exec.exe);
  return known == profile.files.end() || !known->second.known || GivesFilesCapabilities(profile);
}

void LearnFile(Profile& profile, uint32_t exe, const ProgramFile& file) {
  const auto known = profile.files.find(exe);
  if (known == profile.files.end() && profile.files.size() >= Profile::kMaxFiles) {
    if (!file.known || (file.effective && !file.permitted.empty())) ++profile.evidence_dropped;
    return;
  }
  ProgramFile& stored = profile.files[exe];
  if (known == profile.files.end()) {
    stored = file;
  } else if (!file.known) {
    // It may have been given some since.
    if (!stored.effective && GivesFilesCapabilities(profile)) stored.known = false;
  } else if (stored.known && stored.effective) {
    if (file.effective)
      stored.permitted = stored.permitted | file.permitted;  // each exec had its need
  } else {
    stored = file;
  }
}

bool HasUnreadFiles(const Profile& profile) {
  return std::ranges::any_of(profile.files, [](const auto& entry) { return !entry.second.known; });
}

bool CanLearnFiles(const Profile& profile, const Profile& twin) {
  return std::ranges::any_of(profile.files, [&](const auto& entry) {
    return TwinOf(twin, entry.first, entry.second) != nullptr;
  });
}

void LearnFiles(Profile& profile, const Profile& twin) {
  for (auto& [exe, file] : profile.files)
    if (const ProgramFile* const other = TwinOf(twin, exe, file)) file = *other;
}

bool GivesFilesCapabilities(const Profile& profile) {
  CheckKey granted;  // the first of its kind: this runs at every exec
  granted.capability = CAP_SETFCAP;
  granted.granted = true;
  for (auto check = profile.checks.lower_bound(granted); check != profile.checks.end(); ++check) {
    const CheckKey& key = check->first;
    if (key.capability != CAP_SETFCAP) break;
    if (key.syscall.ends_with("setxattr") && IsWorkload(profile.container, key.exe_origin))
      return true;
  }
  return false;
}

}  // namespace capmon
