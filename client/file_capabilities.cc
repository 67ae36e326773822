// SPDX-License-Identifier: Apache-2.0
#include "client/file_capabilities.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/xattr.h>

#include <cerrno>
#include <memory>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr char kAttribute[] = "security.capability";

struct CapFree {
  void operator()(cap_t capabilities) const { cap_free(capabilities); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, CapFree>;

bool Has(cap_t capabilities, int capability, cap_flag_t flag) {
  cap_flag_value_t value = CAP_CLEAR;
  return cap_get_flag(capabilities, capability, flag, &value) == 0 && value == CAP_SET;
}

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

  // libcap follows links, so it gets a descriptor of the very file.
  const UniqueFd file(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const Capabilities decoded(file ? cap_get_file(absl::StrCat("/proc/self/fd/", file.get()).c_str())
                                  : nullptr);
  if (!decoded) return absl::ErrnoToStatus(errno, absl::StrCat("read capabilities of ", name));
  FileCapabilities result;
  result.version = (le32toh(raw.magic_etc) & VFS_CAP_REVISION_MASK) >> VFS_CAP_REVISION_SHIFT;
  result.effective = (le32toh(raw.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE) != 0;
  result.rootid = cap_get_nsowner(decoded.get());
  for (int c = 0; c < kMaxCapabilities; ++c) {
    if (Has(decoded.get(), c, CAP_PERMITTED)) result.permitted.Add(static_cast<Capability>(c));
    if (Has(decoded.get(), c, CAP_INHERITABLE)) result.inheritable.Add(static_cast<Capability>(c));
  }
  return result;
}

}  // namespace capmon
