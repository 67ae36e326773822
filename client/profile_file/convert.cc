// SPDX-License-Identifier: Apache-2.0
#include "client/profile_file/convert.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/profile_file/summary.h"

namespace capmon {
namespace {

// Whole seconds in UTC.
std::string TimeText(google::protobuf::Timestamp time) {
  time.set_nanos(0);
  return google::protobuf::util::TimeUtil::ToString(time);
}

std::set<std::string> ShortNamesOf(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::set<std::string> result;
  for (const std::string& name : names) result.insert(ShortName(name));
  return result;
}

// A newer capmond may send unknown verdicts: a kept capability is then required.
Verdict VerdictOf(const v1::CapabilityVerdict& verdict, bool keep) {
  const auto parsed = ParseVerdict(verdict.verdict());
  if (keep) return parsed && TraitsOf(*parsed).is_need ? *parsed : Verdict::kRequired;
  const bool fits = parsed && *parsed != Verdict::kUnknown && *parsed != Verdict::kRequired &&
                    *parsed != Verdict::kMissing;
  return fits ? *parsed : Verdict::kUnused;
}

void TakeCapabilities(const v1::Profile& profile, InstanceRow& row) {
  const v1::Recommendation& advice = profile.recommendation();
  const std::set<std::string> keep = ShortNamesOf(advice.keep());
  const std::set<std::string> remove = ShortNamesOf(advice.remove());
  row.unknown = ShortNamesOf(advice.unknown());
  for (const std::string& name : keep) row.needs[name] = Verdict::kRequired;
  for (const std::string& name : remove) row.unneeded[name] = Verdict::kUnused;
  for (const std::string& name : keep) row.unknown.erase(name);
  for (const v1::CapabilityVerdict& verdict : profile.capabilities()) {
    const std::string name = ShortName(verdict.capability());
    if (keep.contains(name))
      row.needs[name] = VerdictOf(verdict, true);
    else if (remove.contains(name) && !row.unknown.contains(name))
      row.unneeded[name] = VerdictOf(verdict, false);
    else if (verdict.verdict() == Name(Verdict::kMissing) && !row.unknown.contains(name))
      row.denied[name] = Verdict::kMissing;
  }
}

void TakeHeld(const v1::Profile& profile, InstanceRow& row) {
  row.held_known = profile.has_held();
  if (!profile.has_held()) return;
  const v1::HeldSets& held = profile.held();
  row.filtered = held.seccomp() == "filter";
  row.ambient = ShortNamesOf(held.ambient());
  if (held.has_inside_uid())
    row.user = held.inside_uid();
  else if (held.userns_level() == 0)
    row.user = held.uid();
}

v1::CapabilityVerdict* Add(const std::string& name, const CapabilityFinding& finding,
                           size_t instances, v1::Profile& answer) {
  v1::CapabilityVerdict* const verdict = answer.add_capabilities();
  verdict->set_capability(absl::StrCat("CAP_", name));
  verdict->set_verdict(Name(finding.verdict));
  verdict->set_instances_used(static_cast<uint32_t>(finding.instances));
  verdict->set_granted(finding.verdict != Verdict::kMissing && finding.instances > 0);
  if (finding.declared)
    verdict->set_reason("declared by hand");
  else
    verdict->set_reason(absl::StrCat("in ", finding.instances, " of ", instances,
                                     instances == 1 ? " instance" : " instances"));
  return verdict;
}

void AddFindings(const Summary& summary, const AnswerOptions& options, v1::Profile& answer) {
  v1::Recommendation* const advice = answer.mutable_recommendation();
  const size_t all = summary.instances;
  for (const auto& [name, finding] : summary.needs) {
    v1::CapabilityVerdict* const verdict = Add(name, finding, all, answer);
    const bool degrades = finding.verdict == Verdict::kDegrades && !finding.declared;
    verdict->set_keep(!degrades || !options.strict_minimal);
    (verdict->keep() ? advice->add_keep() : advice->add_remove())->assign(verdict->capability());
  }
  for (const auto& [name, finding] : summary.unknown) {
    v1::CapabilityVerdict* const verdict = Add(name, finding, all, answer);
    (options.assume_unused ? advice->add_remove() : advice->add_unknown())
        ->assign(verdict->capability());
  }
  for (const auto& [name, finding] : summary.denied)
    if (!summary.needs.contains(name) && !summary.unknown.contains(name))
      Add(name, finding, all, answer);
  for (const auto& [name, finding] : summary.unneeded)
    if (!summary.denied.contains(name))
      *advice->add_remove() = Add(name, finding, all, answer)->capability();
  if (advice->unknown_size() > 0)
    advice->set_unknown_reason("the evidence of some instances cannot show a need");
  for (const std::string& warning : summary.warnings) advice->add_warnings(warning);
  if (summary.lost > 0)
    advice->add_warnings(absl::StrCat("its instances lost ", summary.lost,
                                      " checks or records: they may have needed what is called "
                                      "unneeded"));
}

// For the reader: the needs have them in them.
void AddProofs(const ProfileKey& key, const WorkloadProfile& profile, v1::Profile& answer) {
  for (v1::CapabilityVerdict& verdict : *answer.mutable_capabilities()) {
    const auto filed = profile.proofs.find(ShortName(verdict.capability()));
    if (filed == profile.proofs.end()) continue;
    const FiledProof& from = filed->second;
    v1::Proof& proof = *verdict.mutable_proof();
    proof.set_finding(from.found);
    proof.set_reason(from.why);
    proof.set_check(from.check);
    proof.set_version(from.capmon);
    proof.set_digest(key.digest);
    (void)google::protobuf::util::TimeUtil::FromString(from.at, proof.mutable_at());
    if (verdict.keep() != (from.found == "needed"))
      proof.set_withdrawn("the instances show otherwise");
    else
      verdict.set_reason(absl::StrCat(verdict.reason(), "; proven ", from.found, " ",
                                      from.at.substr(0, from.at.find('T'))));
  }
}

void AddHeld(const WorkloadProfile& profile, const Summary& summary, v1::Profile& answer) {
  if (!summary.held_known) return;
  v1::HeldSets* const held = answer.mutable_held();
  for (const auto* findings : {&summary.needs, &summary.unknown, &summary.unneeded})
    for (const auto& [name, finding] : *findings)
      if (finding.instances > 0) held->add_bounding(absl::StrCat("CAP_", name));
  std::set<std::string> ambient;
  for (const auto& [key, row] : profile.rows)
    ambient.insert(row.ambient.begin(), row.ambient.end());
  for (const std::string& name : ambient) held->add_ambient(absl::StrCat("CAP_", name));
  held->set_seccomp(summary.filtered ? "filter" : "none");
  held->set_no_new_privs(false);
  held->set_source("process");
}

// User 0 unless every instance started as another user: advice for other users is not valid for
// user 0.
void AddUser(const WorkloadProfile& profile, v1::Profile& answer) {
  std::optional<uint32_t> user;
  for (const auto& [key, row] : profile.rows) {
    if (!row.user) return;
    user = user ? std::min(*user, *row.user) : *row.user;
  }
  if (user && answer.has_held()) answer.mutable_held()->set_inside_uid(*user);
}

void AddContainer(const ProfileKey& key, const Summary& summary, v1::Profile& answer) {
  v1::Container* const container = answer.mutable_container();
  container->set_image(key.image);
  container->set_kind("container");
  container->set_privileged(summary.privileged);
  container->set_workload(key.workload);
  container->set_name(key.workload);
  if (key.workload.starts_with("compose:")) {
    container->set_name(key.workload.substr(key.workload.rfind('/') + 1));
    return;
  }
  if (key.workload.starts_with("unit:")) {
    container->set_name(key.workload.substr(5));
    container->set_kind("unit");
    return;
  }
  // NAMESPACE/KIND/NAME/CONTAINER
  const size_t first = key.workload.find('/');
  const size_t last = key.workload.rfind('/');
  if (key.workload.find(':') != key.workload.npos || first == key.workload.npos ||
      last <= first + 1 || std::ranges::count(key.workload, '/') != 3)
    return;
  container->set_namespace_(key.workload.substr(0, first));
  container->set_workload(key.workload.substr(first + 1, last - first - 1));
  container->set_name(key.workload.substr(last + 1));
  if (!container->workload().starts_with("pod/")) return;
  container->set_pod(container->workload().substr(4));
  container->clear_workload();
}

}  // namespace

std::string WorkloadOf(const v1::Container& container) {
  const std::string& name = container.workload_name();
  return name.empty() ? absl::StrCat("cgroup:", container.cgroup_path()) : name;
}

ProfileKey KeyOf(const v1::Profile& profile) {
  const v1::Container& container = profile.container();
  return {WorkloadOf(container), container.image(), container.image_digest(),
          profile.workload().cluster()};
}

std::pair<InstanceKey, InstanceRow> RowOf(const v1::Profile& profile) {
  const v1::Container& container = profile.container();
  const v1::Confidence& confidence = profile.confidence();
  InstanceKey key;
  key.id = container.id().empty() ? container.cgroup_path() : container.id();
  // The newest of the folded instances may have a row of its own, of an earlier export.
  if (!container.folded().empty()) key.id = absl::StrCat("folded-up-to-", key.id);
  if (container.has_first_seen()) key.started = TimeText(container.first_seen());
  InstanceRow row;
  row.observed = std::max<int64_t>(confidence.observed_seconds(), 0);
  row.state = IsStable(confidence) ? "stable" : "learning";
  row.starts = confidence.starts();
  row.lost = confidence.lost();
  row.privileged = container.privileged();
  row.node = profile.node();
  row.no_new_privileges = profile.recommendation().no_new_privileges();
  row.non_root = profile.recommendation().non_root();
  row.surroundings.insert(profile.surroundings().begin(), profile.surroundings().end());
  TakeHeld(profile, row);
  TakeCapabilities(profile, row);
  return {std::move(key), std::move(row)};
}

std::map<std::string, FiledProof> FiledProofsOf(const v1::Profile& profile) {
  std::map<std::string, FiledProof> proofs;
  for (const v1::CapabilityVerdict& verdict : profile.capabilities()) {
    const v1::Proof& proof = verdict.proof();
    if (!proof.withdrawn().empty() || !IsFiledFinding(proof.finding())) continue;
    proofs[ShortName(verdict.capability())] = {TimeText(proof.at()), proof.finding(),
                                               proof.reason(), proof.check(), proof.version()};
  }
  return proofs;
}

v1::Profile AnswerFor(const ProfileKey& key, const WorkloadProfile& profile,
                      const AnswerOptions& options) {
  const Summary summary = SummaryOf(profile);
  v1::Profile answer;
  AddContainer(key, summary, answer);
  answer.mutable_workload()->set_name(key.workload);
  answer.mutable_workload()->set_digest(key.digest);
  answer.mutable_workload()->set_cluster(key.cluster);
  answer.mutable_workload()->set_instances(static_cast<uint32_t>(summary.instances));
  AddFindings(summary, options, answer);
  AddProofs(key, profile, answer);
  AddHeld(profile, summary, answer);
  AddUser(profile, answer);
  v1::Recommendation* const advice = answer.mutable_recommendation();
  advice->set_no_new_privileges(summary.no_new_privileges);
  advice->set_non_root(summary.non_root);
  v1::Confidence* const confidence = answer.mutable_confidence();
  confidence->set_state(summary.settled() ? "stable" : "learning");
  confidence->set_observed_seconds(summary.observed);
  confidence->set_starts(summary.starts);
  confidence->set_lost(summary.lost);
  confidence->set_backend("a profile file");
  confidence->add_open_conditions(GroundsOf(summary));
  return answer;
}

}  // namespace capmon
