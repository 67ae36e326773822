// SPDX-License-Identifier: Apache-2.0
#include "client/run/private_mounts.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

absl::Status MountFailed(const std::string& attempt, int error) {
  const std::string sentence = absl::StrCat("cannot ", attempt, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(absl::StrCat(sentence, "; run it as root"));
  return absl::InternalError(sentence);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateDirectory>> PrivateDirectory::Make(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return MountFailed("make " + path, errno);
  std::unique_ptr<PrivateDirectory> made(new PrivateDirectory(path));
  if (::unshare(CLONE_NEWNS) != 0) return MountFailed("make a mount namespace", errno);
  // Mounts of the machine still arrive here, and none of ours arrives there.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0 ||
      ::mount("capmon", path.c_str(), "tmpfs", 0, "mode=0700") != 0 ||
      ::mount(nullptr, path.c_str(), nullptr, MS_PRIVATE, nullptr) != 0)
    return MountFailed("mount " + path, errno);
  return made;
}

PrivateDirectory::~PrivateDirectory() {
  ::umount2(path_.c_str(), MNT_DETACH);
  ::rmdir(path_.c_str());
}

WritableCopy::WritableCopy(std::string original, std::string place) : place_(std::move(place)) {
  for (const char* part : {"", "/upper", "/work", "/root"})
    if (::mkdir((place_ + part).c_str(), 0755) != 0) {
      status_ = MountFailed(absl::StrCat("make ", place_, part), errno);
      return;
    }
  // Names with a comma or a colon would be read as more than one option or directory.
  if (original.find_first_of(",:\\") != original.npos) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("cannot copy ", original, ": its name has a comma, a colon or a backslash"));
    return;
  }
  const std::string options =
      absl::StrCat("lowerdir=", original, ",upperdir=", place_, "/upper,workdir=", place_, "/work");
  if (::mount("overlay", path().c_str(), "overlay", 0, options.c_str()) != 0)
    status_ = MountFailed(absl::StrCat("mount a copy of ", original), errno);
}

WritableCopy::~WritableCopy() {
  ::umount2(path().c_str(), MNT_DETACH);
  std::error_code ignored;  // the whole place vanishes with this process
  std::filesystem::remove_all(place_, ignored);
}

}  // namespace capmon
