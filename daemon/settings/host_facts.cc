// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/host_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "daemon/base/wall_clock.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

std::string Problem(const std::string& path, mode_t kind, const char* other_kind, int access) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return errno == ENOENT ? "there is no such file" : std::strerror(errno);
  if ((found.st_mode & S_IFMT) != kind) return other_kind;
  return ::faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0 ? "" : std::strerror(errno);
}

std::string NewFileProblem(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return "it is a directory";
    if (S_ISSOCK(found.st_mode)) return "it is a socket";
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 ? "" : std::strerror(errno);
  }
  const std::string parent = std::filesystem::path(path).parent_path();
  if (::stat(parent.c_str(), &found) != 0)
    return errno == ENOENT ? "there is no directory " + parent : std::strerror(errno);
  if (!S_ISDIR(found.st_mode)) return parent + " is no directory";
  return ::faccessat(AT_FDCWD, parent.c_str(), W_OK | X_OK, AT_EACCESS) == 0 ? ""
                                                                             : std::strerror(errno);
}

std::string RealPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::path(path).lexically_normal() : real;
}

std::string SecretProblem(const std::string& source) {
  const auto text = ReadSecret({source});
  return text.ok() ? "" : std::string(text.status().message());
}

bool WritableByOthers(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return false;
  return (found.st_mode & S_IWOTH) != 0 ||
         ((found.st_mode & S_IWGRP) != 0 && found.st_gid != 0 && found.st_gid != ::getegid());
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
  facts.new_file_problem = NewFileProblem;
  facts.real_path = RealPath;
  facts.secret_problem = SecretProblem;
  facts.writable_by_others = WritableByOthers;
  facts.now = WallClock();
  return facts;
}

}  // namespace capmon
