// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/workload_identity.h"

#include <algorithm>

#include "daemon/attribution/cgroup_path.h"
#include "daemon/attribution/identity.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

using Kind = Workload::Kind;

// The adjectives in generated names of Docker and Podman.
constexpr std::string_view kAdjectives[] = {
    "admiring",    "adoring",   "affectionate", "agitated",      "amazing",   "angry",
    "awesome",     "beautiful", "blissful",     "bold",          "boring",    "brave",
    "busy",        "charming",  "clever",       "compassionate", "competent", "condescending",
    "confident",   "cool",      "cranky",       "crazy",         "dazzling",  "determined",
    "distracted",  "dreamy",    "eager",        "ecstatic",      "elastic",   "elated",
    "elegant",     "eloquent",  "epic",         "exciting",      "fervent",   "festive",
    "flamboyant",  "focused",   "friendly",     "frosty",        "funny",     "gallant",
    "gifted",      "goofy",     "gracious",     "great",         "happy",     "hardcore",
    "heuristic",   "hopeful",   "hungry",       "infallible",    "inspiring", "intelligent",
    "interesting", "jolly",     "jovial",       "keen",          "kind",      "laughing",
    "loving",      "lucid",     "magical",      "modest",        "musing",    "mystifying",
    "naughty",     "nervous",   "nice",         "nifty",         "nostalgic", "objective",
    "optimistic",  "peaceful",  "pedantic",     "pensive",       "practical", "priceless",
    "quirky",      "quizzical", "recursing",    "relaxed",       "reverent",  "romantic",
    "sad",         "serene",    "sharp",        "silly",         "sleepy",    "stoic",
    "strange",     "stupefied", "suspicious",   "sweet",         "tender",    "thirsty",
    "trusting",    "unruffled", "upbeat",       "vibrant",       "vigilant",  "vigorous",
    "wizardly",    "wonderful", "xenodochial",  "youthful",      "zealous",   "zen"};

bool IsAllOf(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == text.npos;
}

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

// Returns the user or service whose subtree has its own engine. That engine can report anything, so
// its containers never count as the system's.
std::string OwnerOf(const std::string& path) {
  constexpr std::string_view kServiceEnd = ".service/";
  const std::string_view text = path;
  if (std::string user = UserOfSlice(path); !user.empty()) return user;
  if (text.starts_with("/user.slice/")) return "user";
  const size_t service = text.find(kServiceEnd);
  if (service == text.npos) return "";
  const size_t start = text.rfind('/', service) + 1;
  return std::string(text.substr(start, service + kServiceEnd.size() - 1 - start));
}

std::optional<WorkloadIdentity> InPod(const Container& c) {
  if (c.pod.empty() || c.pod_namespace.empty()) return std::nullopt;  // its name is not known yet
  WorkloadIdentity identity;
  Workload& w = identity.workload;
  w.kind = Kind::kPod;
  w.group = c.pod_namespace;
  w.part = c.name;
  const size_t slash = c.workload.find('/');
  if (!c.workload_label.empty()) {
    w.controller = "label";  // in the namespace: it is no name elsewhere
    w.name = c.workload_label;
    identity.source = std::string("label ") + kWorkloadLabel;
  } else if (slash != c.workload.npos) {
    w.controller = c.workload.substr(0, slash);
    w.name = c.workload.substr(slash + 1);
    identity.source = c.workload_inferred && w.controller == "deploy" ? "pod name" : "labels";
  } else {
    w.controller = "pod";
    w.name = c.pod;
    identity.source = "pod name";
  }
  return identity;
}

// "shop_web.1.x2k..." is a task of Swarm's service "shop_web"; empty for any other name.
std::string SwarmService(const std::string& name) {
  constexpr size_t kTaskId = 25;
  const size_t task = name.rfind('.');
  if (task == name.npos || name.size() - task - 1 != kTaskId || task == 0) return "";
  if (!IsAllOf(std::string_view(name).substr(task + 1), "abcdefghijklmnopqrstuvwxyz0123456789"))
    return "";
  const size_t slot = name.rfind('.', task - 1);
  if (slot == name.npos || slot == 0) return "";
  const std::string_view number = std::string_view(name).substr(slot + 1, task - slot - 1);
  const bool global = number.size() == kTaskId;  // the id of a node instead of a number
  return global || IsAllOf(number, kDigits) ? name.substr(0, slot) : "";
}

// Without a runtime's report, the id is a chosen name if it is not a long one.
bool HasChosenName(const Container& c) {
  if (c.name.empty()) return false;
  if (c.name_source.empty() || c.name_source == kFromCgroup)
    return !IsLongId(c.id) && c.name == c.id && c.runtime != "buildkit";
  return !c.id.starts_with(c.name) && !IsGeneratedName(c.name);
}

std::string RuntimeOf(const Container& c) {
  for (const char* scheme : {"compose", "swarm", "label", "image", "unit", "run", ""})
    if (c.runtime == scheme) return "container";
  return c.runtime;
}

// "sha256:1f2..." or a bare id is no name.
bool IsNamedImage(const std::string& image) {
  return !image.empty() && !image.starts_with("sha256:") &&
         !(image.size() >= 12 && IsAllOf(image, "0123456789abcdef"));
}

std::optional<WorkloadIdentity> OutsideKubernetes(const Container& c) {
  constexpr std::string_view kCompose = "compose:";
  Workload w;
  w.owner = OwnerOf(c.cgroup_path);
  if (w.owner.empty()) w.owner = OwnerOfEngine(c.engine);
  if (!c.workload_label.empty()) {
    w.kind = Kind::kLabel;
    w.name = c.workload_label;
    return WorkloadIdentity{w, std::string("label ") + kWorkloadLabel};
  }
  const size_t slash = c.workload.find('/');
  if (c.workload.starts_with(kCompose) && !c.workload_inferred && slash != c.workload.npos) {
    w.kind = Kind::kCompose;
    w.group = c.workload.substr(kCompose.size(), slash - kCompose.size());
    w.name = c.workload.substr(slash + 1);
    return WorkloadIdentity{w, "compose"};
  }
  if (const std::string service = SwarmService(c.name); !service.empty()) {
    w.kind = Kind::kSwarm;
    w.name = service;
    return WorkloadIdentity{w, "name"};
  }
  if (HasChosenName(c)) {
    w.kind = Kind::kNamed;
    w.group = RuntimeOf(c);
    w.name = c.name;
    return WorkloadIdentity{w, "name"};
  }
  if (!IsNamedImage(c.image)) return std::nullopt;
  w.kind = Kind::kImage;
  w.name = ParseImageName(c.image).name;
  w.part = c.entrypoint;
  return WorkloadIdentity{w, "image"};
}

// "make-1234" is a session of `capmon run -- make`.
std::string CommandOf(const std::string& session) {
  const size_t dash = session.rfind('-');
  const bool numbered = dash != session.npos && dash > 0 &&
                        IsAllOf(std::string_view(session).substr(dash + 1), kDigits);
  return numbered ? session.substr(0, dash) : session;
}

WorkloadIdentity Simple(Kind kind, const std::string& name, const char* source) {
  Workload w;
  w.kind = kind;
  w.name = name;
  return {w, source};
}

}  // namespace

bool CanBeIdentified(const Workload& w) {
  constexpr std::string_view kControllers[] = {"deploy",  "ds",     "sts", "job",
                                               "cronjob", "static", "pod", "label"};
  constexpr std::string_view kRuntimes[] = {"docker", "podman",   "containerd", "cri-o",
                                            "runc",   "crun",     "buildkit",   "lxc",
                                            "nspawn", "container"};
  const bool one_word = w.name.find('/') == w.name.npos;
  switch (w.kind) {
    case Kind::kPod:
      return !w.group.empty() &&
             std::ranges::find(kControllers, w.controller) != std::end(kControllers);
    case Kind::kCompose: return !w.group.empty();
    case Kind::kNamed:
      return one_word && std::ranges::find(kRuntimes, w.group) != std::end(kRuntimes);
    case Kind::kSwarm:
    case Kind::kUnit:
    case Kind::kRun: return one_word;
    case Kind::kLabel:
    case Kind::kImage: return true;
    case Kind::kHost: return w.owner.empty();
  }
  return false;
}

bool IsGeneratedName(std::string_view name) {
  const size_t bar = name.find('_');
  if (bar == name.npos ||
      std::ranges::find(kAdjectives, name.substr(0, bar)) == std::end(kAdjectives))
    return false;
  std::string_view rest = name.substr(bar + 1);
  const size_t digits = rest.find_first_of(kDigits);
  if (digits != rest.npos && !IsAllOf(rest.substr(digits), kDigits)) return false;
  return IsAllOf(rest.substr(0, digits), kLower);
}

std::string ImageDigest(std::string_view text) {
  constexpr std::string_view kSha = "sha256:";
  text.remove_prefix(text.rfind('@') + 1);  // the whole text without any
  if (text.starts_with(kSha)) text.remove_prefix(kSha.size());
  return IsLongId(text) ? std::string(kSha) + std::string(text) : "";
}

std::optional<WorkloadIdentity> IdentifyWorkload(const Container& c) {
  switch (c.kind) {
    case ContainerKind::kHost: return Simple(Kind::kHost, "", "host");
    case ContainerKind::kUnit: return Simple(Kind::kUnit, c.id, "unit");
    case ContainerKind::kSession: return Simple(Kind::kRun, CommandOf(c.id), "command");
    case ContainerKind::kUnknown: return std::nullopt;
    case ContainerKind::kContainer: break;
  }
  std::optional<WorkloadIdentity> identity =
      c.pod.empty() && c.pod_uid.empty() ? OutsideKubernetes(c) : InPod(c);
  if (identity && identity->workload.name.empty()) return std::nullopt;
  return identity;
}

}  // namespace capmon
