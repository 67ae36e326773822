// SPDX-License-Identifier: Apache-2.0
#include "client/commands/diagnosis.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "daemon/model/loss.h"

namespace capmon {
namespace {

using Observations = std::vector<Observation>;

void Ok(Observations& all, std::string topic, std::string what) {
  all.push_back({Finding::kOk, std::move(topic), std::move(what), "", ""});
}
// Without a remedy it is a note: the exit code reports only what can be fixed.
void Gap(Observations& all, std::string topic, std::string what, std::string cost,
         std::string remedy) {
  const Finding finding = remedy.empty() ? Finding::kNote : Finding::kGap;
  all.push_back({finding, std::move(topic), std::move(what), std::move(cost), std::move(remedy)});
}
void Broken(Observations& all, std::string topic, std::string what, std::string cost,
            std::string remedy) {
  all.push_back(
      {Finding::kBroken, std::move(topic), std::move(what), std::move(cost), std::move(remedy)});
}

void CheckKernel(const HostFacts& host, Observations& all) {
  if (!host.has_types)
    Broken(all, "kernel", absl::StrCat(host.kernel, " without its types (BTF)"),
           "capmond cannot load its programs", "boot a kernel built with CONFIG_DEBUG_INFO_BTF");
  else if (host.locked_down)
    Broken(all, "kernel", absl::StrCat(host.kernel, ", locked down for confidentiality"),
           "BPF programs may read nothing", "boot with lockdown=integrity, or without");
  else
    Ok(all, "kernel", absl::StrCat(host.kernel, ", with its types (BTF)"));
}

void CheckCgroups(const HostFacts& host, Observations& all) {
  if (host.cgroup_layout.empty())
    Broken(all, "cgroups", "no hierarchy is mounted", "containers cannot be distinguished",
           "mount -t cgroup2 none /sys/fs/cgroup");
  else if (host.cgroup_layout == "v1")
    Gap(all, "cgroups", "version 1 only",
        "containers are distinguished by the hierarchy of one controller; containers of a runtime "
        "that does not use it are charged to the host",
        "boot with systemd.unified_cgroup_hierarchy=1");
  else
    Ok(all, "cgroups", host.cgroup_layout);
}

void CheckRuntimes(const HostFacts& host, Observations& all) {
  if (host.runtimes.empty()) {
    Ok(all, "runtimes", "none listens on the usual sockets");
    return;
  }
  for (const HostFacts::Runtime& runtime : host.runtimes)
    Ok(all, "runtimes", absl::StrCat(runtime.name, " at ", runtime.socket));
}

void CheckBackEnd(const v1::Status& status, Observations& all) {
  Ok(all, "back end", absl::StrCat(status.backend(), " on ", status.kernel()));
  for (const std::string& spot : status.blind_spots())
    Gap(all, "back end", spot,
        "some evidence is missing or less precise; profiles list this blind spot", "");
}

void CheckHealth(const v1::Status& status, Observations& all) {
  if (status.health().serving())
    Ok(all, "health", "capmond's own check was just counted in its own cgroup");
  else
    Broken(all, "health", status.health().reason(),
           "evidence is missing, charged to the wrong container, or not stored",
           "see capmond's log");
}

void CheckLayers(const v1::Status& status, Observations& all) {
  for (const v1::Layer& layer : status.layers()) {
    const std::string topic = TopicOf(layer);
    const std::string what = StateOf(layer);
    if (layer.state() == "failing" && layer.name() == "files")
      Gap(all, topic, what, "held capabilities of containers that execute such files are unknown",
          "see capmond's log, and what runs in containers whose file systems do not answer");
    else if (layer.state() == "failing")
      Gap(all, topic, what, "containers are named by other sources, at least by their ids",
          layer.name().find(' ') == std::string::npos
              ? "give capmond the runtime's directory, as with --docker-root, or disable the "
                "source: "
                "--docker-socket none, --cri-socket none"
              : "fix it, or leave out that socket or directory");
    else
      Ok(all, topic, what);
  }
}

void CheckKeeps(const v1::Status& status, Observations& all) {
  for (const v1::Layer& keep : status.keeps()) {
    const std::string topic = absl::StrCat("persisted in ", keep.name());
    if (keep.state() == "ok")
      Ok(all, topic, StateOf(keep));
    else if (keep.name() == "pins")
      Gap(all, topic, StateOf(keep), "nothing is counted while capmond is stopped",
          keep.state() == "failing"
              ? "let capmond write there: a security profile or a read-only mount may deny it"
              : "mount -t bpf bpf /sys/fs/bpf; and give capmond a --pin-dir in it");
    else
      Gap(all, topic, StateOf(keep), "evidence is lost when capmond stops",
          "give capmond a --state-dir that it can write to");
  }
}

void CheckLosses(const v1::Status& status, Observations& all) {
  const std::map<std::string, uint64_t> lost(status.lost().begin(), status.lost().end());
  if (lost.empty()) Ok(all, "losses", "none");
  for (const LossKind kind : kLossKinds)
    for (const auto& [cause, count] : lost)
      if (KindOfLoss(cause) == kind)
        Gap(all, "losses",
            absl::StrCat(Name(kind), ", ", cause, ": ", Grouped(count), "; ",
                         std::string(FactsOfLoss(cause).meaning)),
            CostOf(kind), RemedyForLoss(cause));
  for (const v1::ContainerLosses& losing : status.losing())
    Gap(all, "losses", absl::StrCat("of ", losing.container(), ": ", LossSummary(losing.lost())),
        "its profile says what was lost", "");
}

}  // namespace

const char* Name(Finding finding) {
  switch (finding) {
    case Finding::kOk: return "ok";
    case Finding::kNote: return "note";
    case Finding::kGap: return "gap";
    case Finding::kBroken: return "broken";
  }
  return "";
}

Observations Diagnose(const HostFacts& host, const absl::StatusOr<v1::Status>& status) {
  Observations all;
  CheckKernel(host, all);
  CheckCgroups(host, all);
  CheckRuntimes(host, all);
  const bool knows = status.ok() && status->keeps_size() > 0;  // capmond reports where its pins are
  if (!host.has_bpffs && !knows)
    Gap(all, "bpffs", "none on /sys/fs/bpf", "nothing is counted while capmond is stopped",
        "mount -t bpf bpf /sys/fs/bpf");
  if (absl::IsPermissionDenied(status.status())) {
    Broken(all, "capmond", std::string(status.status().message()), "its state cannot be read",
           "run capmon as root");
    return all;
  }
  if (!status.ok()) {
    Broken(
        all, "capmond", std::string(status.status().message()), "no check is evaluated",
        "start it as root: systemctl start capmond; if it ends at once, journalctl -u capmond says "
        "why, with the verifier's last lines if the kernel rejected a program");
    return all;
  }
  Ok(all, "capmond", absl::StrCat("version ", status->version(), " answers"));
  CheckBackEnd(*status, all);
  CheckHealth(*status, all);
  CheckLayers(*status, all);
  CheckKeeps(*status, all);
  CheckLosses(*status, all);
  return all;
}

Finding Worst(const Observations& observations) {
  Finding worst = Finding::kOk;
  for (const Observation& one : observations) worst = std::max(worst, one.finding);
  return worst;
}

}  // namespace capmon
