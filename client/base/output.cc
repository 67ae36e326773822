// SPDX-License-Identifier: Apache-2.0
#include "client/base/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

// Returns 0, or the errno of the write that failed.
int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

absl::Status CannotWrite(const std::string& where, int error) {
  return absl::InternalError(absl::StrCat("cannot write to ", where, ": ", std::strerror(error)));
}

}  // namespace

absl::Status Write(int fd, std::string_view text) {
  const int error = WriteAll(fd, text);
  if (error == 0) return absl::OkStatus();
  if (error == EPIPE) return absl::CancelledError("the reader closed the output");
  return CannotWrite("standard output", error);
}

absl::Status Print(std::string_view text) { return Write(STDOUT_FILENO, text); }

absl::Status WriteFile(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const int error = fd ? WriteAll(fd.get(), text) : errno;
  return error == 0 ? absl::OkStatus() : CannotWrite(path, error);
}

void PrintNotes(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) (void)WriteAll(STDERR_FILENO, Printable(line) + "\n");
}

void PrintError(std::string_view sentence) {
  // Ignores an error: it could not be reported.
  constexpr size_t kMost = 900;  // bytes; some sentences quote their input
  std::string text = Printable(sentence);
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  (void)WriteAll(STDERR_FILENO, "capmon: " + text + "\n");
}

}  // namespace capmon
