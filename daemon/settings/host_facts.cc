// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/host_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace capmon {
namespace {

std::string Problem(const std::string& path, mode_t kind, const char* other_kind, int access) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return errno == ENOENT ? "there is no such file" : std::strerror(errno);
  if ((found.st_mode & S_IFMT) != kind) return other_kind;
  return ::faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0 ? "" : std::strerror(errno);
}

}  // namespace

HostFacts ThisHost() {
  HostFacts facts;
  facts.file_problem = [](const std::string& path) {
    return Problem(path, S_IFREG, "it is no regular file", R_OK);
  };
  facts.directory_problem = [](const std::string& path) {
    return Problem(path, S_IFDIR, "it is no directory", X_OK);
  };
  facts.open_to_all = [](const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0;
  };
  facts.has_variable = [](const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value != nullptr && *value != '\0';
  };
  return facts;
}

}  // namespace capmon
