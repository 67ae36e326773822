// SPDX-License-Identifier: Apache-2.0
#include "client/commands/manifest_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/input.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

namespace fs = std::filesystem;

absl::Status CannotRead(const std::string& path, const std::error_code& error) {
  return absl::InternalError(absl::StrCat("cannot read ", Quoted(path), ": ", error.message()));
}

bool IsManifest(const fs::path& path) {
  const std::string extension = path.extension();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& path) {
  std::error_code error;
  if (path == kStandardInput || !fs::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> files;
  fs::recursive_directory_iterator at(path, error), end;
  for (; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with('.')) {
      at.disable_recursion_pending();
      continue;
    }
    std::error_code unreadable;
    if (!IsManifest(at->path()) || !at->is_regular_file(unreadable)) continue;
    if (files.size() == kMaxManifestFiles)
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " has more than ", kMaxManifestFiles, " files; give it in parts"));
    files.push_back(at->path());
  }
  if (error) return CannotRead(path, error);
  std::ranges::sort(files);
  return files;
}

std::string ProjectOf(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path == kStandardInput ? "x" : path, error);
  std::string project;
  for (const char c : absl::AsciiStrToLower(absolute.parent_path().filename().string()))
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-') project += c;
  project.erase(0, std::min(project.find_first_not_of("_-"), project.size()));
  return project;
}

}  // namespace capmon
