// SPDX-License-Identifier: Apache-2.0
#include "client/run/twin_owner.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/run/twin_isolation.h"

namespace capmon {
namespace {

constexpr int kRemovals = 30;
constexpr std::chrono::seconds kBetweenRemovals(1);
constexpr size_t kStartAfterName = 19;  // the field of /proc/PID/stat, counted behind the name

// Returns "" if there is no such process.
std::string StartOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t name_ends = text.rfind(") ");
  if (name_ends == text.npos) return "";
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_ends + 2), ' ');
  return fields.size() > kStartAfterName ? fields[kStartAfterName] : "";
}

// Returns "4026531836", or "" if it cannot be read.
std::string PidNamespace() {
  char link[64] = {};
  const ssize_t length = ::readlink("/proc/self/ns/pid", link, sizeof(link) - 1);
  std::string digits;
  for (ssize_t i = 0; i < length; ++i)
    if (absl::ascii_isdigit(static_cast<unsigned char>(link[i]))) digits += link[i];
  return digits;
}

absl::Status RemoveOnce(const DockerEngine& engine, const std::string& original) {
  const auto twins = engine.Labelled(kTwinOwnerLabel);
  if (!twins.ok()) return twins.status();
  const std::string own = OwnerOfTwins();
  absl::Status all;
  for (const auto& [id, owner] : *twins)
    if (id != original && (owner == own || HasEnded(owner))) all.Update(engine.Remove(id));
  if (!all.ok()) return all;  // their volumes are in use
  const auto copies = engine.LabelledVolumes(kTwinOwnerLabel);
  if (!copies.ok()) return copies.status();
  for (const auto& [name, owner] : *copies)
    if (owner == own || HasEnded(owner)) all.Update(engine.RemoveVolume(name));
  return all;
}

}  // namespace

std::string OwnerOfTwins() {
  const std::string start = StartOf(::getpid());
  return start.empty() ? "" : absl::StrCat(::getpid(), "-", start, "-", PidNamespace());
}

bool HasEnded(const std::string& owner) {
  const std::vector<std::string> parts = absl::StrSplit(owner, '-');
  int pid = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &pid) || pid <= 0) return false;
  if (parts[2].empty() || parts[2] != PidNamespace()) return false;
  return StartOf(pid) != parts[1];
}

absl::Status RemoveTwins(const DockerEngine& engine, const std::string& original) {
  absl::Status removed = RemoveOnce(engine, original);
  for (int attempt = 1; !removed.ok() && attempt < kRemovals; ++attempt) {
    std::this_thread::sleep_for(kBetweenRemovals);
    removed = RemoveOnce(engine, original);
  }
  return removed;
}

}  // namespace capmon
