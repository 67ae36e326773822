// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/systemd_units.h"

#include <filesystem>
#include <string_view>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/attribution/state_files.h"
#include "daemon/attribution/tolerant_json.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr std::string_view kService = ".service";

// "getty@tty1.service" has the prefix "getty" and the instance "tty1".
struct UnitName {
  std::string prefix;
  std::string instance;
};
UnitName Split(const std::string& unit) {
  const std::string stem = unit.substr(0, unit.rfind('.'));
  const size_t at = stem.find('@');
  if (at == stem.npos) return {stem, ""};
  return {stem.substr(0, at), stem.substr(at + 1)};
}

}  // namespace

std::vector<std::string> SystemdUnits::Directories() {
  return {"/etc/systemd/system",    "/run/systemd/transient",        "/run/systemd/system",
          "/run/systemd/generator", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
          "/lib/systemd/system"};
}

std::string UnitDescription(const std::string& file, const std::string& unit) {
  const UnitName name = Split(unit);
  std::string description;
  bool in_unit = false;
  for (const std::string& raw : std::vector<std::string>(absl::StrSplit(file, '\n'))) {
    const std::string line(absl::StripAsciiWhitespace(raw));
    if (line.starts_with("[")) in_unit = line == "[Unit]";
    if (!in_unit || !line.starts_with("Description=")) continue;
    // The last value is valid.
    description =
        std::string(absl::StripAsciiWhitespace(absl::string_view(line).substr(line.find('=') + 1)));
  }
  return Bounded(absl::StrReplaceAll(description, {{"%i", name.instance},
                                                   {"%I", name.instance},
                                                   {"%n", unit},
                                                   {"%p", name.prefix},
                                                   {"%%", "%"}}));
}

bool SystemdUnits::Handles(const ContainerRef& wanted) const {
  return wanted.cgroup_path.empty() && wanted.id.ends_with(kService) && IsFileName(wanted.id);
}

absl::Status SystemdUnits::ListAll(const Answers& answers, std::stop_token stop) {
  return Check(answers, stop);
}

absl::Status SystemdUnits::Check(const Answers&, std::stop_token) {
  for (const std::string& directory : directories_) {
    std::error_code error;
    if (std::filesystem::is_directory(directory, error)) return absl::OkStatus();
  }
  return absl::NotFoundError("find systemd's units: there is no unit directory");
}

absl::StatusOr<Found> SystemdUnits::Inspect(const ContainerRef& wanted, const Answers& answers,
                                            std::stop_token) {
  std::vector<std::string> names = {wanted.id};
  if (const UnitName name = Split(wanted.id); !name.instance.empty())
    names.push_back(name.prefix + "@" + std::string(kService));
  for (const std::string& name : names) {
    for (const std::string& directory : directories_) {
      const auto file = ReadStateFile(directory, name);
      if (!file.ok()) continue;
      ContainerDescribed described;
      described.time = WallClock();
      described.source = "systemd";
      described.container_id = wanted.id;
      described.description = UnitDescription(*file, wanted.id);
      if (!described.description.empty()) answers.emit(std::move(described));
      return Found::kYes;
    }
  }
  return Found::kNo;
}

}  // namespace capmon
