// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/cgroup_path.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/utf8.h"

namespace capmon {
namespace {

constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxComponent = 255;
constexpr size_t kLongId = 64;
constexpr std::string_view kSlice = ".slice";
constexpr std::string_view kService = ".service";

// How a runtime names the cgroup of a container. `any_id`: ids need not be 64 hex digits.
struct Spelling {
  std::string_view prefix;
  std::string_view suffix;
  std::string_view runtime;
  bool any_id;
};
constexpr Spelling kSpellings[] = {
    {"docker-", ".scope", "docker", false},
    {"cri-containerd-", ".scope", "containerd", false},
    {"nerdctl-", ".scope", "containerd", false},
    {"crio-", ".scope", "cri-o", false},
    {"crio-", "", "cri-o", false},
    {"libpod-", ".scope", "podman", false},
    {"libpod-", "", "podman", false},
    {"libpod-payload-", "", "podman", false},
    {"runc-", ".scope", "runc", true},
    {"crun-", ".scope", "crun", true},
    {"buildkit-", ".scope", "buildkit", true},
    {"lxc.payload.", "", "lxc", true},
    {"machine-", ".scope", "nspawn", true},
    {"systemd-nspawn@", kService, "nspawn", true},
};

struct Named {
  std::string_view name;
  std::string_view runtime;
};
// "PARENT.slice:WORD:ID": the name that runc creates literally if it is configured for systemd but
// systemd does not run.
constexpr Named kColonWords[] = {
    {"cri-containerd", "containerd"},
    {"nerdctl", "containerd"},
    {"docker", "docker"},
    {"crio", "cri-o"},
    {"libpod", "podman"},
    {"runc", "runc"},
    {"crun", "crun"},
    {"buildkit", "buildkit"},
};
// Top-level cgroups in which each child is a container.
constexpr Named kFamilies[] = {
    {"k8s.io", "containerd"},  {"default", "containerd"}, {"moby", "containerd"},
    {"nerdctl", "containerd"}, {"buildkit", "buildkit"},  {"lxc", "lxc"},
};
// Other top-level cgroups that are not containers.
constexpr std::string_view kSystemNames[] = {
    "init",       "system", "user",      "machine",       "docker",          "libpod_parent",
    "capmon.run", "ecs",    "lxc.pivot", "kube-reserved", "system-reserved", "podruntime",
};

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

const Named* FindNamed(const auto& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Named::name);
  return found == std::end(table) ? nullptr : &*found;
}

// Returns the length of the printable UTF-8 character at the start of `text`; 0 if there is none.
size_t PrintableLength(std::string_view text) {
  const auto point = FirstCodePoint(text);
  if (!point || point->value < 0x20 || (point->value >= 0x7f && point->value < 0xa0)) return 0;
  return point->bytes;
}

std::string Printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t length = PrintableLength(text);
    if (length > 0)
      result += text.substr(0, length);
    else
      absl::StrAppendFormat(&result, "\\x%02x", static_cast<unsigned char>(text[0]));
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return result;
}

// systemd writes characters that a unit name cannot contain as "\xNN".
std::string Unescape(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text.substr(i, 2) == "\\x" && i + 3 < text.size() && IsHex(text[i + 2]) &&
                        IsHex(text[i + 3]);
    const int value = escape ? digit(text[i + 2]) * 16 + digit(text[i + 3]) : 0;
    const bool harmless = value >= 0x20 && value < 0x7f;
    result += harmless ? static_cast<char>(value) : text[i];
    if (harmless) i += 3;
  }
  return result;
}

// Splits the path into components; nothing for a path that no kernel creates. Keeps a leading "..":
// a cgroup outside the reader's cgroup namespace has one.
std::optional<std::vector<std::string>> Split(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";  // /proc/PID/cgroup, of a removed cgroup
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  if (path.empty() || path.size() > kMaxPath) return std::nullopt;
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::string_view component = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), component.size() + 1));
    if (component.empty()) continue;
    const bool climbs_late = component == ".." && !components.empty() && components.back() != "..";
    if (component == "." || climbs_late || component.size() > kMaxComponent) return std::nullopt;
    components.push_back(Printable(component));
  }
  return components;
}

std::string Join(const std::vector<std::string>& components, size_t begin, size_t end) {
  std::string path;
  for (size_t i = begin; i < end; ++i) path += (i > begin ? "/" : "") + components[i];
  return path;
}

bool InPodTree(std::string_view component) { return component.find("kubepods") != component.npos; }

// Reads the uid from "podUID" (cgroupfs) or "...kubepods-QOS-podUID.slice..." (systemd, which
// writes - as _). A uid is a UUID, or 32 hex digits for static pods.
std::string PodUid(std::string_view component) {
  const size_t slice = component.find(kSlice);
  size_t start = 0;
  if (slice != component.npos) {
    component = component.substr(0, slice);
    start = component.rfind("-pod");
    if (start == component.npos) return "";
    ++start;
  }
  if (!component.substr(start).starts_with("pod")) return "";
  std::string uid(component.substr(start + 3));
  std::ranges::replace(uid, '_', '-');
  if (uid.size() != 36 && uid.size() != 32) return "";
  for (size_t i = 0; i < uid.size(); ++i) {
    const bool dash = uid.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    if (dash ? uid[i] != '-' : !IsHex(uid[i])) return "";
  }
  return uid;
}

struct Match {
  size_t index = 0;  // index of the container's own component
  std::string id;
  std::string runtime;
  std::string pod_uid;
};

std::optional<Match> MatchColons(std::string_view component) {
  const size_t last = component.rfind(':');
  if (last == component.npos || last == 0) return std::nullopt;
  const size_t first = component.rfind(':', last - 1);
  if (first == component.npos) return std::nullopt;
  const std::string_view id = component.substr(last + 1);
  const Named* word = FindNamed(kColonWords, component.substr(first + 1, last - first - 1));
  if (word ? id.empty() : !IsLongId(id)) return std::nullopt;
  return Match{0, std::string(id), std::string(word ? word->runtime : ""), ""};
}

std::optional<Match> MatchSpelling(std::string_view component) {
  for (const Spelling& spelling : kSpellings) {
    if (!component.starts_with(spelling.prefix) || !component.ends_with(spelling.suffix)) continue;
    if (component.size() <= spelling.prefix.size() + spelling.suffix.size()) continue;
    std::string_view id = component.substr(spelling.prefix.size());
    id.remove_suffix(spelling.suffix.size());
    if (!spelling.any_id && !IsLongId(id)) continue;
    const std::string name = Unescape(id);
    // Libvirt's virtual machines are processes of the host.
    if (name.starts_with("qemu-")) continue;
    return Match{0, name, std::string(spelling.runtime), ""};
  }
  return std::nullopt;
}

std::optional<Match> MatchAt(const std::vector<std::string>& components, size_t i, bool in_pods) {
  const std::string& component = components[i];
  const std::string_view parent = i > 0 ? std::string_view(components[i - 1]) : "";
  if (auto match = MatchColons(component)) return match;
  if (auto match = MatchSpelling(component)) return match;
  const Named* family = i == 1 ? FindNamed(kFamilies, parent) : nullptr;
  if (family) return Match{0, component, std::string(family->runtime), ""};
  if (i == 2 && components[0] == "docker" && parent == "buildkit")
    return Match{0, component, "buildkit", ""};
  // Amazon ECS: "/ecs/TASK/TASK-NUMBER".
  if (i == 2 && components[0] == "ecs" && component.starts_with(components[1] + "-"))
    return Match{0, component, "", ""};
  // Podman's cgroupfs pods have long ids as well, and hold containers.
  if (!IsLongId(component) || parent == "libpod_parent") return std::nullopt;
  return Match{0, component, in_pods ? "containerd" : parent == "docker" ? "docker" : "", ""};
}

std::optional<Match> OutermostContainer(const std::vector<std::string>& components) {
  bool in_pods = false;
  std::string pod_uid;
  for (size_t i = 0; i < components.size(); ++i) {
    in_pods = in_pods || InPodTree(components[i]);
    if (in_pods)
      if (std::string uid = PodUid(components[i]); !uid.empty()) pod_uid = uid;
    if (auto match = MatchAt(components, i, in_pods)) {
      match->index = i;
      match->pod_uid = pod_uid;
      return match;
    }
  }
  return std::nullopt;
}

// Services are below slices only. Those of a user's systemd are below "user@UID.service" and have
// it in their id, because users choose their names.
std::optional<Match> FindUnit(const std::vector<std::string>& components) {
  std::optional<Match> unit;
  for (size_t i = 0; i < components.size(); ++i) {
    const std::string& component = components[i];
    if (component.ends_with(kSlice) || component == "..") continue;
    if (!component.ends_with(kService)) break;
    const std::string owner = unit ? unit->id + "/" : "";
    unit = Match{i, owner + component, "systemd", ""};
    if (!owner.empty() || !component.starts_with("user@")) break;
  }
  return unit;
}

// A top-level cgroup that systemd did not create is a container: plain runc, crun, LXC ...
bool IsOutsideSystemd(std::string_view top) {
  constexpr std::string_view kUnitSuffixes[] = {kSlice,    ".scope",  kService, ".mount",
                                                ".socket", ".swap",   "..",     ".device",
                                                ".timer",  ".target", ".path",  ".automount"};
  const auto ends_top = [&](std::string_view suffix) { return top.ends_with(suffix); };
  return std::ranges::none_of(kUnitSuffixes, ends_top) && !InPodTree(top) &&
         !top.starts_with("lxc.monitor") && !top.starts_with("crio-conmon-") &&
         !top.starts_with("libpod-conmon-") && !FindNamed(kFamilies, top) &&
         std::ranges::find(kSystemNames, top) == std::end(kSystemNames);
}

}  // namespace

bool IsLongId(std::string_view id) {
  return id.size() == kLongId && std::ranges::all_of(id, IsHex);
}

std::string UserOfSlice(std::string_view path) {
  constexpr std::string_view kUser = "/user.slice/user-", kSliceEnd = ".slice/";
  if (!path.starts_with(kUser)) return "";
  const size_t end = path.find(kSliceEnd, kUser.size());
  return end == path.npos ? "" : std::string(path.substr(kUser.size(), end - kUser.size()));
}

std::string ContainerPath(std::string_view path) {
  const auto components = Split(path);
  if (!components || components->empty()) return "";
  const CgroupIdentity identity = IdentifyCgroup(path);
  const std::string& last = components->back();
  const bool a_unit = identity.kind == ContainerKind::kUnit && identity.inner.empty();
  const bool known_other = identity.kind == ContainerKind::kHost && components->size() == 1;
  const bool whole = last.ends_with(kSlice) || last == "init.scope" ||
                     (last.starts_with("session-") && last.ends_with(".scope"));
  const bool elsewhere = identity.kind == ContainerKind::kUnknown ||
                         identity.kind == ContainerKind::kSession || (*components)[0] == "..";
  if (a_unit || known_other || whole || elsewhere) return "";
  return "/" + Join(*components, 0, components->size());
}

CgroupIdentity IdentifyCgroup(std::string_view path) {
  const auto components = Split(path);
  if (!components) return {};
  const auto identity = [&](ContainerKind kind, const Match& match) {
    const size_t own = match.index + 1;
    return CgroupIdentity{kind,
                          match.id,
                          match.runtime,
                          match.pod_uid,
                          Join(*components, own, components->size()),
                          "/" + Join(*components, 0, own)};
  };
  const std::string_view top = components->empty() ? "" : std::string_view((*components)[0]);
  if (top == "capmon.run" && components->size() > 1)
    return identity(ContainerKind::kSession, {1, (*components)[1], "capmon", ""});
  if (auto match = OutermostContainer(*components))
    return identity(ContainerKind::kContainer, *match);
  if (auto match = FindUnit(*components)) return identity(ContainerKind::kUnit, *match);
  if (top == "..") return {};  // depends on components outside our cgroup namespace
  if (!top.empty() && IsOutsideSystemd(top))
    return identity(ContainerKind::kContainer, {0, std::string(top), "", ""});
  return {ContainerKind::kHost, "", "", "", Join(*components, 0, components->size()), "/"};
}

}  // namespace capmon
