// SPDX-License-Identifier: Apache-2.0
#include "tests/live/root_file_systems.h"

#include <endian.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "generated/build_paths.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

constexpr char kTrigger[] = CAPMON_BINARY_DIR "/bin/trigger";
constexpr char kWalker[] = CAPMON_BINARY_DIR "/bin/walker";
constexpr char kBusybox[] = "/bin/busybox";

struct Entry {
  const char* path;
  const char* source;  // copied from; nullptr: an empty file
  uid_t owner;
  gid_t group;
  mode_t mode;
};

// trigger.c says which deed needs which.
constexpr Entry kTriggerFiles[] = {
    {"/bin/trigger", kTrigger, 0, 0, 0755},      {"/bin/sleeper", kTrigger, 1000, 1000, 04755},
    {"/srv/roots", nullptr, 0, 0, 0644},         {"/srv/shut", nullptr, 0, 0, 0},
    {"/srv/foreign", nullptr, 1000, 1000, 0644}, {"/srv/set_id", nullptr, 0, 0, 04755},
};

bool MakeFolders(const std::string& rootfs) {
  for (const char* folder : {"/bin", "/dev", "/etc", "/mnt", "/proc", "/srv", "/sys", "/tmp"}) {
    std::error_code error;
    fs::create_directories(rootfs + folder, error);
    if (error) return false;
  }
  return true;
}

bool Make(const std::string& rootfs, const Entry& entry) {
  const std::string path = rootfs + entry.path;
  std::error_code error;
  if (entry.source == nullptr && !WriteFile(path, "")) return false;
  if (entry.source != nullptr) fs::copy_file(entry.source, path, error);
  // The owner first: changing it clears the set-user-ID bit.
  return !error && chown(path.c_str(), entry.owner, entry.group) == 0 &&
         chmod(path.c_str(), entry.mode) == 0;
}

}  // namespace

absl::Status MakeTriggerRootfs(const std::string& rootfs) {
  if (!MakeFolders(rootfs)) return absl::InternalError("make folders in " + rootfs);
  for (const Entry& entry : kTriggerFiles) {
    if (!Make(rootfs, entry)) return absl::ErrnoToStatus(errno, "make " + rootfs + entry.path);
  }
  return absl::OkStatus();
}

absl::Status MakeBusyboxRootfs(const std::string& rootfs) {
  if (!MakeFolders(rootfs) || !Make(rootfs, {"/bin/busybox", kBusybox, 0, 0, 0755}) ||
      !WriteFile(rootfs + "/etc/passwd",
                 "root:x:0:0::/:/bin/sh\nworker:x:1000:1000::/:/bin/sh\n") ||
      !WriteFile(rootfs + "/etc/group", "root:x:0:\nworker:x:1000:\n")) {
    return absl::InternalError("make a root file system of busybox in " + rootfs);
  }
  std::istringstream names(RunProgram({kBusybox, "--list"}).out);
  for (std::string name; names >> name;) {
    std::error_code error;
    if (name != "busybox") fs::create_symlink("busybox", rootfs + "/bin/" + name, error);
    if (error) return absl::InternalError("link " + name + ": " + error.message());
  }
  return absl::OkStatus();
}

absl::Status MakeWalkerRootfs(const std::string& rootfs) {
  if (!MakeFolders(rootfs)) return absl::InternalError("make folders in " + rootfs);
  if (!Make(rootfs, {"/bin/walker", kWalker, 0, 0, 0755}))
    return absl::InternalError("copy the walker into " + rootfs);
  return absl::OkStatus();
}

bool Carry(const std::string& file, int capability, bool effective) {
  vfs_cap_data data = {};
  data.magic_etc = htole32(VFS_CAP_REVISION_2 | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0));
  data.data[capability / 32].permitted = htole32(1u << (capability % 32));
  return setxattr(file.c_str(), "security.capability", &data, sizeof(data), 0) == 0;
}

}  // namespace capmon
