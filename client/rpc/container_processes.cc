// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/container_processes.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/host/cgroup_processes.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

constexpr std::string_view kCgroup = "cgroup:";

absl::StatusOr<v1::Container> AskForContainer(const std::string& reference,
                                              const Settings& settings) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  v1::GetProfileRequest request;
  request.set_container(reference);
  request.set_instance(true);  // processes are one container's
  auto profile = daemon->Call(&Daemon::Stub::GetProfile, request);
  if (!profile.ok()) return profile.status();
  return std::move(*profile->mutable_container());
}

absl::StatusOr<Target> ContainerTarget(const std::string& reference, const Settings& settings) {
  Target target;
  target.name = reference;
  std::string path = reference.substr(std::min(reference.size(), kCgroup.size()));
  if (!reference.starts_with(kCgroup)) {
    auto container = AskForContainer(reference, settings);
    if (!container.ok()) return container.status();
    target.name = DisplayName(*container);
    path = container->cgroup_path();
    target.container = *std::move(container);
  }
  auto processes = ProcessesOfCgroup(path);
  if (!processes.ok()) return processes.status();
  target.pids = std::move(processes->pids);
  target.beyond = processes->beyond;
  return target;
}

}  // namespace

absl::StatusOr<std::optional<pid_t>> ParsePid(std::string_view reference) {
  constexpr std::string_view kPid = "pid:";
  if (reference == "self") return ::getpid();
  const bool prefixed = reference.starts_with(kPid);
  const std::string_view digits = prefixed ? reference.substr(kPid.size()) : reference;
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  if (!number && !prefixed) return std::nullopt;
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  if (!number || error != std::errc() || pid <= 0)
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", std::string(reference), "\" is not a process; write it like 1234 or pid:1234"));
  return pid;
}

absl::StatusOr<Target> FindTarget(const std::string& reference, const Settings& settings) {
  if (reference.empty())
    return absl::InvalidArgumentError("the name of the process or container is empty");
  const auto pid = ParsePid(reference);
  if (!pid.ok()) return pid.status();
  if (*pid) {
    Target target;
    target.name = absl::StrCat("process ", **pid);
    target.pids = {**pid};
    return target;
  }
  return ContainerTarget(reference, settings);
}

}  // namespace capmon
