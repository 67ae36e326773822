// SPDX-License-Identifier: Apache-2.0
#include "client/host/file_capabilities.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/xattr.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/host/libcap.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr char kAttribute[] = "security.capability";

}  // namespace

absl::StatusOr<std::optional<FileCapabilities>> ReadFileCapabilities(int directory,
                                                                     const std::string& name) {
  const std::string path = absl::StrCat("/proc/self/fd/", directory, "/", name);
  vfs_ns_cap_data raw = {};
  const ssize_t size = ::lgetxattr(path.c_str(), kAttribute, &raw, sizeof(raw));
  if (size < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return std::nullopt;
  if (size < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read capabilities of ", name));
  if (static_cast<size_t>(size) < sizeof(raw.magic_etc))
    return absl::DataLossError(absl::StrCat("the capabilities of ", name, " are cut off"));

  // Opens the file itself, because libcap follows links.
  const UniqueFd file(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const LibcapSets decoded(file ? cap_get_file(absl::StrCat("/proc/self/fd/", file.get()).c_str())
                                : nullptr);
  if (!decoded) return absl::ErrnoToStatus(errno, absl::StrCat("read capabilities of ", name));
  FileCapabilities result;
  result.version = (le32toh(raw.magic_etc) & VFS_CAP_REVISION_MASK) >> VFS_CAP_REVISION_SHIFT;
  result.effective = (le32toh(raw.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE) != 0;
  result.rootid = cap_get_nsowner(decoded.get());
  result.permitted = FlagOf(decoded, CAP_PERMITTED);
  result.inheritable = FlagOf(decoded, CAP_INHERITABLE);
  return result;
}

}  // namespace capmon
