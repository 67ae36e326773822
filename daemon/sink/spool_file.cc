// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/spool_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

// Append only, as all formats on disk: a later version adds tables or columns.
constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS spool (sequence INTEGER PRIMARY KEY, line TEXT NOT NULL, "
    "lost_queue INTEGER NOT NULL DEFAULT 0, lost_spool INTEGER NOT NULL DEFAULT 0, "
    "lost_first INTEGER NOT NULL DEFAULT 0, lost_last INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS feed (id INTEGER PRIMARY KEY, next INTEGER NOT NULL, "
    "lost_queue INTEGER NOT NULL, lost_spool INTEGER NOT NULL, lost_first INTEGER NOT NULL, "
    "lost_last INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "sequence INTEGER NOT NULL, line TEXT NOT NULL, reason TEXT NOT NULL);";

absl::Status NotRegular(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("open the spool ", path, ": it is not a regular file"));
}

// SQLite gives its other files the mode of the first.
absl::Status MakePrivate(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const UniqueFd file(::open(path.c_str(), kFlags, 0600));
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("open the spool ", path));
  if (!S_ISREG(found.st_mode)) return NotRegular(path);
  if ((found.st_mode & 077) != 0 && ::fchmod(file.get(), 0600) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("take others' rights to ", path));
  return absl::OkStatus();
}

}  // namespace

std::string SpoolPath(const std::string& directory, const std::string& sink) {
  std::string name;
  for (const char byte : sink) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '-' || byte == '_')
      name += byte;
    else
      absl::StrAppendFormat(&name, "%%%02x", static_cast<unsigned char>(byte));
  }
  return absl::StrCat(directory, "/sink-", name, ".db");
}

absl::Status CheckSpoolPlace(const std::string& path) {
  struct stat found {};
  const std::string directory = path.substr(0, path.rfind('/'));
  if (::stat(directory.c_str(), &found) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("open the spool ", path));
  if (::lstat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) return NotRegular(path);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Database>> OpenSpoolFile(const std::string& path) {
  if (absl::Status status = MakePrivate(path); !status.ok()) return status;
  auto opened = Database::Open(path);
  if (!opened.ok()) return opened.status();
  Database& db = **opened;
  // EXCLUSIVE: there is no file of shared memory, which a full disk would not accept.
  // FULL: a message in the spool survives a power failure.
  db.RunScript(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  {
    Statement check = db.Prepare("PRAGMA quick_check(1)");
    if (check.Next() && check.Text(0) != "ok")
      return absl::DataLossError(absl::StrCat("the spool ", path, " is damaged: ", check.Text(0)));
  }
  db.RunScript(kTables);
  if (absl::Status status = db.TakeStatus(); !status.ok()) return status;
  return opened;
}

}  // namespace capmon
