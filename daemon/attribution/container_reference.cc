// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/container_reference.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/edit_distance.h"
#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/identity.h"
#include "daemon/attribution/workload_identity.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

constexpr size_t kShortestPrefix = 4;
constexpr size_t kShortId = 12;
constexpr size_t kShownCandidates = 5;
constexpr size_t kLongestCompared = 64;

using Containers = std::vector<const Container*>;
// The subject of a reading: one container; a name of a container or its workload; or a workload.
enum class Means { kContainer, kName, kWorkload };
// One way to read a reference: whether it means this container.
struct Reading {
  std::function<bool(const Container&)> fits;
  Means means = Means::kContainer;

  bool operator()(const Container& c) const { return fits(c); }
};

bool HasIdPrefix(const Container& c, const std::string& prefix) {
  return prefix.size() >= kShortestPrefix && c.id.starts_with(prefix);
}

// "nginx" means "docker.io/library/nginx:1.25@sha256:...": compares whole path components only.
bool IsImage(const std::string& image, const std::string& wanted) {
  const std::string tagged = image.substr(0, image.find('@'));
  const std::string bare = ParseImageName(image).path;
  for (const std::string& form : {image, tagged, bare})
    if (form == wanted || form.ends_with("/" + wanted)) return !wanted.empty();
  return false;
}

std::vector<Reading> UnitReadings(std::string unit) {
  if (unit.find('.') == unit.npos) unit += ".service";
  const auto is_unit = [](const Container& c) { return c.kind == ContainerKind::kUnit; };
  return {{[=](const Container& c) { return is_unit(c) && c.id == unit; }},
          {[=](const Container& c) { return is_unit(c) && c.id.ends_with("/" + unit); }}};
}

std::vector<Reading> CgroupReadings(const std::string& path) {
  const CgroupIdentity identity = IdentifyCgroup(path);
  if (identity.kind == ContainerKind::kUnknown) return {};
  const std::string whole =
      absl::StrCat(identity.cgroup_path, identity.inner.empty() ? "" : "/", identity.inner);
  return {{[=](const Container& c) { return c.cgroup_path == identity.cgroup_path; }},
          // For containers without a known runtime the index may know more than the path shows.
          {[=](const Container& c) {
            return c.kind == ContainerKind::kContainer && c.runtime.empty() &&
                   whole.starts_with(c.cgroup_path + "/");
          }}};
}

// Returns "deploy/web" in the spelling of profiles; empty if the reference names no workload.
std::string ControllerAndName(const std::string& reference) {
  struct ControllerSpelling {
    std::string_view written;
    std::string_view kind;
  };
  static constexpr ControllerSpelling kControllerSpellings[] = {
      {"deploy", "deploy"},   {"deployment", "deploy"}, {"ds", "ds"},   {"daemonset", "ds"},
      {"statefulset", "sts"}, {"sts", "sts"},           {"job", "job"}, {"cronjob", "cronjob"},
      {"cj", "cronjob"},      {"static", "static"},
  };
  if (reference.starts_with("compose:")) return reference;
  const size_t slash = reference.find('/');
  const auto found = std::ranges::find(kControllerSpellings, reference.substr(0, slash),
                                       &ControllerSpelling::written);
  if (slash == reference.npos || found == std::end(kControllerSpellings)) return "";
  return std::string(found->kind) + reference.substr(slash);
}

// Prefers other containers to the sandbox of a pod.
std::vector<Reading> SandboxLast(const Reading& reading) {
  const auto is_sandbox = [](const Container& c) { return !c.pod.empty() && c.name == "POD"; };
  return {{[=](const Container& c) { return reading(c) && !is_sandbox(c); }, reading.means},
          reading};
}

std::vector<Reading> PodReadings(const std::string& reference) {
  const std::vector<std::string> parts = absl::StrSplit(reference, '/');
  if (parts.size() < 2 || parts.size() > 3) return {};
  return SandboxLast({[=](const Container& c) {
    return !c.pod.empty() && c.pod_namespace == parts[0] && c.pod == parts[1] &&
           (parts.size() == 2 || c.name == parts[2]);
  }});
}

// Returns whether `parts` from `at` on are the name of a workload and, perhaps, a container.
bool FitsName(const std::vector<std::string>& parts, size_t at, const Workload& w) {
  return at < parts.size() && at + 2 >= parts.size() && w.name == parts[at] &&
         (at + 1 == parts.size() || w.part == parts[at + 1]);
}

// NAMESPACE/NAME, deploy/NAME/CONTAINER, NAMESPACE/deploy/NAME and the like.
std::vector<Reading> WorkloadReadings(const std::string& reference) {
  const std::vector<std::string> parts = absl::StrSplit(reference, '/');
  if (parts.size() < 2 || parts.size() > 4) return {};
  const std::string first = ControllerAndName(parts[0] + "/" + parts[1]);
  const std::string second = parts.size() < 3 ? "" : ControllerAndName(parts[1] + "/" + parts[2]);
  const auto of_pod = [](const Container& c, auto fits) {
    if (c.pod.empty()) return false;
    const auto identity = IdentifyWorkload(c);
    return identity && identity->workload.kind == Workload::Kind::kPod && fits(identity->workload);
  };
  std::vector<Reading> readings;
  const auto add = [&](auto fits) {
    for (Reading& reading :
         SandboxLast({[=](const Container& c) { return of_pod(c, fits); }, Means::kWorkload}))
      readings.push_back(std::move(reading));
  };
  if (!first.empty())
    add([=](const Workload& w) {
      return first.starts_with(w.controller + "/") && FitsName(parts, 1, w);
    });
  if (!second.empty())
    add([=](const Workload& w) {
      return w.group == parts[0] && second.starts_with(w.controller + "/") && FitsName(parts, 2, w);
    });
  add([=](const Workload& w) { return w.group == parts[0] && FitsName(parts, 1, w); });
  return readings;
}

std::vector<Reading> SpeltReadings(const std::string& reference) {
  const auto workload = ParseWorkload(reference);
  if (!workload) return {};
  return {{[=](const Container& c) {
             const auto identity = IdentifyWorkload(c);
             return identity && identity->workload == *workload;
           },
           Means::kWorkload}};
}

// Returns every way to read a reference, strongest first.
std::vector<Reading> ReadingsOf(const std::string& reference) {
  if (reference == "host")
    return {{[](const Container& c) { return c.kind == ContainerKind::kHost; }}};
  std::vector<Reading> readings = {
      {[=](const Container& c) { return c.name == reference; }, Means::kName},
      {[=](const Container& c) { return c.id == reference; }},
  };
  const auto add = [&](std::vector<Reading> more) {
    for (Reading& reading : more) readings.push_back(std::move(reading));
  };
  const size_t scheme = reference.find("://");
  if (reference.starts_with("unit:")) {
    add(UnitReadings(reference.substr(5)));
  } else if (reference.starts_with("cgroup:")) {
    add(CgroupReadings(reference.substr(7)));
  } else if (reference.starts_with("image:")) {
    add(SandboxLast(
        {[image = reference.substr(6)](const Container& c) { return IsImage(c.image, image); },
         Means::kWorkload}));
  } else if (scheme != reference.npos) {
    add({{[runtime = reference.substr(0, scheme), id = reference.substr(scheme + 3)](
              const Container& c) { return c.runtime == runtime && HasIdPrefix(c, id); }}});
  } else {
    if (const std::string workload = ControllerAndName(reference); !workload.empty()) {
      // For Compose's services: an image can have labels that name one.
      if (workload.starts_with("compose:"))
        add({{[=](const Container& c) { return c.workload == workload && !c.workload_inferred; },
              Means::kWorkload}});
      add(SandboxLast(
          {[=](const Container& c) { return c.workload == workload; }, Means::kWorkload}));
    }
    add(PodReadings(reference));
    add(WorkloadReadings(reference));
    add({{[=](const Container& c) { return HasIdPrefix(c, reference); }}});
  }
  add(SpeltReadings(reference));
  return readings;
}

// Bounds the sentence: the reference may be long.
std::string Quoted(const std::string& reference) {
  constexpr size_t kMost = 256;
  if (reference.size() <= kMost) return absl::StrCat("\"", reference, "\"");
  return absl::StrCat("\"", reference.substr(0, kMost), "\"... (", reference.size(), " bytes)");
}

std::string Describe(const Container& c) {
  const std::string pod = c.pod.empty() ? "" : absl::StrCat(c.pod_namespace, "/", c.pod, "/");
  return absl::StrCat(pod, c.name, " (", c.id.substr(0, kShortId),
                      c.engine.empty() ? "" : absl::StrCat(" at ", c.engine), ")");
}

// Every user can create a cgroup with the name of another container. A runtime's description
// outranks such a cgroup, and so does a place outside the users' slices, where only root creates
// cgroups.
int Standing(const Container& c) {
  const bool vouched = !c.name_source.empty() && c.name_source != kFromCgroup;
  return (vouched ? 2 : 0) + (c.cgroup_path.starts_with("/user.slice/") ? 0 : 1);
}

void LeaveOutImpostors(Containers& candidates) {
  const Containers all = candidates;
  std::erase_if(candidates, [&](const Container* c) {
    return std::ranges::any_of(all, [&](const Container* other) {
      return other->kind == c->kind && other->id == c->id && Standing(*other) > Standing(*c);
    });
  });
}

absl::StatusOr<std::string> Choose(const std::string& reference, Containers candidates) {
  const auto ended = [](const Container* c) { return c->removed != 0; };
  LeaveOutImpostors(candidates);
  if (!std::ranges::all_of(candidates, ended)) {
    std::erase_if(candidates, ended);
  } else {
    const auto age = [](const Container* c) { return std::tie(c->first_seen, c->key); };
    const Container* newest = *std::ranges::max_element(candidates, {}, age);
    const auto same = [&](const Container* c) { return c->name == newest->name; };
    if (std::ranges::all_of(candidates, same)) return newest->key;
  }
  if (candidates.size() == 1) return candidates.front()->key;
  std::vector<std::string> shown;
  for (const Container* c : candidates)
    if (shown.size() < kShownCandidates) shown.push_back(Describe(*c));
  const size_t more = candidates.size() - shown.size();
  return absl::FailedPreconditionError(absl::StrCat(
      Quoted(reference), " fits ", candidates.size(), " containers: ", absl::StrJoin(shown, ", "),
      more > 0 ? absl::StrCat(" and ", more, " more") : ""));
}

// Returns a similar name: few different letters, or one that contains the reference.
std::string Nearest(const std::string& reference, const Containers& containers) {
  if (reference.size() > kLongestCompared) return "";
  std::string nearest, containing;
  size_t limit = std::max<size_t>(1, reference.size() / 3) + 1;
  for (const Container* c : containers) {
    const bool in_pod = !c->pod.empty() && reference.find('/') != reference.npos;
    const std::string name = in_pod ? absl::StrCat(c->pod_namespace, "/", c->pod) : c->name;
    if (name.size() > kLongestCompared) continue;
    if (const size_t distance = EditDistance(reference, name); distance < limit) {
      limit = distance;
      nearest = name;
    }
    if (containing.empty() && reference.size() >= 3 && name.find(reference) != name.npos)
      containing = name;
  }
  return nearest.empty() ? containing : nearest;
}

}  // namespace

namespace {

// The containers of the strongest reading with a match, and its subject.
struct Meant {
  Containers candidates;
  Means means;
};

absl::StatusOr<Meant> Find(const std::string& reference, const Containers& containers) {
  if (reference.empty()) return absl::InvalidArgumentError("find a container: no name was given");
  for (const Reading& reading : ReadingsOf(reference)) {
    Containers candidates;
    for (const Container* c : containers)
      if (reading(*c)) candidates.push_back(c);
    if (!candidates.empty()) return Meant{std::move(candidates), reading.means};
  }
  const std::string nearest = Nearest(reference, containers);
  return absl::NotFoundError(
      absl::StrCat("no container matches ", Quoted(reference),
                   nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

// Returns whether a container's name is also the name of its workload.
bool IsWorkloadsName(const Workload& workload) {
  return workload.kind == Workload::Kind::kNamed || workload.kind == Workload::Kind::kPod;
}

// Returns the workloads of these containers; the key is the container's own if it has none.
std::map<std::string, std::optional<Workload>> WorkloadsOf(const Containers& candidates) {
  std::map<std::string, std::optional<Workload>> workloads;
  for (const Container* c : candidates) {
    if (const auto identity = IdentifyWorkload(*c))
      workloads[Print(identity->workload)] = identity->workload;
    else
      workloads[Describe(*c)] = std::nullopt;
  }
  return workloads;
}

absl::Status SeveralWorkloads(const std::string& reference,
                              const std::map<std::string, std::optional<Workload>>& workloads) {
  std::vector<std::string> shown;
  for (const auto& [name, workload] : workloads)
    if (shown.size() < kShownCandidates) shown.push_back(name);
  const size_t more = workloads.size() - shown.size();
  return absl::FailedPreconditionError(absl::StrCat(
      Quoted(reference), " fits ", workloads.size(), " workloads: ", absl::StrJoin(shown, ", "),
      more > 0 ? absl::StrCat(" and ", more, " more") : ""));
}

}  // namespace

absl::StatusOr<std::string> Resolve(const std::string& reference, const Containers& containers) {
  absl::StatusOr<Meant> meant = Find(reference, containers);
  if (!meant.ok()) return meant.status();
  return Choose(reference, std::move(meant->candidates));
}

absl::StatusOr<Referred> ResolveWorkload(const std::string& reference,
                                         const Containers& containers) {
  absl::StatusOr<Meant> meant = Find(reference, containers);
  if (!meant.ok()) return meant.status();
  Containers& candidates = meant->candidates;
  LeaveOutImpostors(candidates);
  Containers running = candidates;
  std::erase_if(running, [](const Container* c) { return c->removed != 0; });
  for (const Containers& some : {candidates, running}) {
    const auto workloads = WorkloadsOf(some);
    const bool one = workloads.size() == 1 && workloads.begin()->second.has_value();
    if (!one || meant->means == Means::kContainer) continue;
    const Workload& workload = *workloads.begin()->second;
    if (meant->means == Means::kWorkload || IsWorkloadsName(workload))
      return Referred{workload, ""};
  }
  if (meant->means == Means::kWorkload && running.size() != 1)
    if (const auto workloads = WorkloadsOf(running.empty() ? candidates : running);
        workloads.size() > 1)
      return SeveralWorkloads(reference, workloads);
  const absl::StatusOr<std::string> key = Choose(reference, std::move(candidates));
  if (!key.ok()) return key.status();
  return Referred{std::nullopt, *key};
}

}  // namespace capmon
