// SPDX-License-Identifier: Apache-2.0
#include "client/render/restart_command.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "daemon/model/workload.h"

namespace capmon {
namespace {

// Names come from images and users, and the command is for a shell.
std::string Word(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_.,:/@=+-").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain && !text.starts_with('-')) return text;
  return absl::StrCat("'", absl::StrReplaceAll(Printable(text), {{"'", "'\\''"}}), "'");
}

bool IsUser(std::string_view owner) {
  return !owner.empty() &&
         std::ranges::all_of(owner, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// What a user's own programs are started with.
std::string As(const std::string& user) {
  if (!IsUser(user)) return "";
  return absl::StrCat("sudo -u '#", user, "' XDG_RUNTIME_DIR=/run/user/", user, " ");
}

RestartCommand InPod(const v1::Container& container) {
  const std::string& workload = container.workload();
  const std::string controller = workload.substr(0, workload.find('/'));
  for (const char* const restartable : {"deploy", "ds", "sts"})
    if (controller == restartable)
      return {absl::StrCat("kubectl -n ", Word(container.namespace_()), " rollout restart ",
                           Word(workload)),
              ""};
  if (controller == "job" || controller == "cronjob")
    return {"", "its next run is seen from the start"};
  if (controller == "static")
    return {"", "change its manifest on the node, as by a new annotation"};
  if (controller == "rs") return {"", "delete the pod: its ReplicaSet makes a new one"};
  return {"", "delete the pod and create it again: no controller is known that would"};
}

// The systemd service in whose cgroup the container is: "web.service" of
// "/system.slice/web.service/libpod-payload-ID". That of a user's systemd is the last one.
std::string ServiceAround(const std::string& path) {
  std::string service;
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i)
    if (parts[i].ends_with(".service") && !parts[i].starts_with("user@")) service = parts[i];
  return service;
}

// The reference that the engine knows.
std::string NameOf(const v1::Container& container) {
  const std::string& name = container.name();
  return Word(name.empty() || name.starts_with('-') ? container.id() : name);
}

RestartCommand OfDocker(const v1::Container& container, const Workload& workload) {
  std::string docker = "docker";
  if (IsUser(workload.owner))
    absl::StrAppend(&docker, " -H unix:///run/user/", workload.owner, "/docker.sock");
  else if (!container.engine().empty())
    absl::StrAppend(&docker, " -H ", Word(absl::StrCat("unix://", container.engine())));
  if (workload.kind == Workload::Kind::kCompose)
    return {absl::StrCat(docker, " compose -p ", Word(workload.group), " restart ",
                         Word(workload.name)),
            ""};
  if (workload.kind == Workload::Kind::kSwarm)
    return {absl::StrCat(docker, " service update --force ", Word(workload.name)), ""};
  return {absl::StrCat(docker, " restart ", NameOf(container)), ""};
}

}  // namespace

RestartCommand HowToRestart(const v1::Container& running) {
  if (!running.pod().empty()) return InPod(running);
  const Workload workload = ParseWorkload(running.workload_name()).value_or(Workload{});
  const std::string& runtime = running.runtime();
  const std::string user = IsUser(workload.owner) ? workload.owner : "";
  const std::string service = ServiceAround(running.cgroup_path());
  if (!service.empty())
    return {absl::StrCat(As(user), "systemctl ", user.empty() ? "" : "--user ", "restart ",
                         Word(service)),
            ""};
  if (runtime == "docker") return OfDocker(running, workload);
  if (runtime == "podman") return {absl::StrCat(As(user), "podman restart ", NameOf(running)), ""};
  return {"", "restart it with the program that started it"};
}

}  // namespace capmon
