// SPDX-License-Identifier: Apache-2.0
// A workload's messages: those of its newest instance, with what all of them add up to.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/api/convert.h"
#include "daemon/api/utf8_message.h"
#include "daemon/profile/filtered_calls.h"

namespace capmon {
namespace {

google::protobuf::Timestamp TimeOf(TimeNs time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(time / kSecond);
  stamp.set_nanos(static_cast<int32_t>(time % kSecond));
  return stamp;
}

v1::Workload ToProto(const WorkloadSnapshot& workload, const Judgement& judgement) {
  v1::Workload out;
  if (workload.identity) {
    out.set_name(ToUtf8(Print(workload.identity->workload)));
    out.set_source(workload.identity->source);
  }
  const WorkloadVersion& newest = workload.versions.front();
  out.set_digest(ToUtf8(newest.digest));
  out.set_instances(static_cast<uint32_t>(judgement.instances));
  out.set_running(static_cast<uint32_t>(std::ranges::count_if(
      newest.instances,
      [](const ProfileSnapshot& instance) { return instance.container.removed == 0; })));
  out.set_of_unknown_image(static_cast<uint32_t>(workload.of_unknown_image));
  uint64_t folded = 0;
  for (const ProfileSnapshot& instance : newest.instances)
    folded += instance.evidence->folded.instances;
  out.set_folded(static_cast<uint32_t>(folded));
  for (size_t i = 1; i < workload.versions.size(); ++i)
    out.add_other_digests(ToUtf8(workload.versions[i].digest));
  if (const auto rows = workload.ImportedOf(0); !rows.empty()) Describe(rows, workload.Seen(), out);
  out.set_imported_instances(static_cast<uint32_t>(judgement.imported));
  return out;
}

v1::Instance ToInstance(const Profile& profile) {
  const Container& container = profile.container;
  v1::Instance out;
  out.set_id(ToUtf8(container.id));
  out.set_name(ToUtf8(container.name));
  out.set_pod(ToUtf8(container.pod));
  out.set_cgroup_path(ToUtf8(container.cgroup_path));
  out.set_digest(ToUtf8(container.image_digest));
  if (container.first_seen != 0) *out.mutable_first_seen() = TimeOf(container.first_seen);
  if (container.removed != 0) *out.mutable_ended() = TimeOf(container.removed);
  out.set_starts(profile.starts);
  for (const auto& [cause, count] : profile.losses) (*out.mutable_losses())[ToUtf8(cause)] = count;
  return out;
}

// What instances gained or were kept from, each once.
Profile WithGainsOfAll(const std::vector<Profile>& instances) {
  Profile all = instances.front();
  for (size_t i = 1; i < instances.size(); ++i)
    for (const auto& [name, gain] : instances[i].gains)
      if (const auto [known, fresh] = all.gains.emplace(name, gain); !fresh) known->second += gain;
  return all;
}

void Compare(const JudgedWorkload& judged, v1::Profile& out) {
  if (!judged.before) return;
  v1::Comparison& comparison = *out.mutable_compared_with();
  comparison.set_digest(ToUtf8(judged.workload.versions[1].digest));
  const CapabilitySet now = judged.judgement.recommendation.keep;
  const CapabilitySet then = judged.before->recommendation.keep;
  for (const Capability c : (now - then).members()) comparison.add_added(CapabilityName(c));
  for (const Capability c : (then - now).members()) comparison.add_gone(CapabilityName(c));
}

}  // namespace

JudgedWorkload JudgeNewest(const WorkloadSnapshot& workload, const CallSites& sites,
                           const JudgeOptions& options, bool with_before) {
  WorkloadJudge judge(sites, options);
  return JudgeNewest(workload, judge, with_before);
}

JudgedWorkload JudgeNewest(const WorkloadSnapshot& workload, WorkloadJudge& judge,
                           bool with_before) {
  JudgedWorkload judged{workload, Joined(workload.versions.front()), {}, std::nullopt};
  judged.judgement = judge.Judge(workload, 0, judged.instances);
  if (with_before && workload.versions.size() > 1)
    judged.before = judge.Judge(workload, 1, Joined(workload.versions[1]));
  if (!workload.approved) return judged;
  // What a request assumes is no evidence.
  JudgeOptions plain = judge.options();
  const bool assumes = plain.assume_unused || plain.strict_minimal;
  plain.assume_unused = plain.strict_minimal = false;
  WorkloadJudge assuming_nothing(judge.sites(), plain);
  ApplyApproval(
      *workload.approved, workload.versions.front().digest, judged.instances,
      assumes ? assuming_nothing.Judge(workload, 0, judged.instances) : Judgement(judged.judgement),
      judged.judgement.confidence);
  return judged;
}

v1::WorkloadSummary Summarize(const JudgedWorkload& judged) {
  v1::WorkloadSummary out;
  *out.mutable_workload() = ToProto(judged.workload, judged.judgement);
  *out.mutable_summary() = Summarize(judged.instances.front(), judged.judgement);
  MakeUtf8(out);
  return out;
}

v1::Profile ToProto(const JudgedWorkload& judged, bool with_evidence) {
  v1::Profile out = ToProto(WithGainsOfAll(judged.instances), judged.judgement, with_evidence);
  for (size_t i = 1; i < judged.instances.size(); ++i) AddFilteredCalls(judged.instances[i], out);
  *out.mutable_workload() = ToProto(judged.workload, judged.judgement);
  for (const Profile& instance : judged.instances)
    if (instance.folded.instances == 0) *out.add_instances() = ToInstance(instance);
  Compare(judged, out);
  MakeUtf8(out);
  return out;
}

// A use is "CAP_NET_RAW inet_create ping", or "gain setuid su".
v1::Baseline ToProto(const std::string& workload, const std::optional<Approval>& approval,
                     const std::set<std::string>& uses) {
  v1::Baseline out;
  out.set_workload(ToUtf8(workload));
  out.set_approved(approval.has_value());
  if (approval) {
    out.set_by(ToUtf8(approval->by));
    out.set_digest(ToUtf8(approval->digest));
    *out.mutable_at() = TimeOf(approval->at);
  }
  for (const std::string& use : uses) {
    out.add_uses(ToUtf8(use));
    const std::string capability = use.substr(0, use.find(' '));
    if (!capability.starts_with("CAP_")) continue;  // "gain setuid su"
    if (out.used().empty() || *out.used().rbegin() != capability) out.add_used(capability);
  }
  MakeUtf8(out);
  return out;
}

v1::Explanation Explain(const JudgedWorkload& judged, Capability capability) {
  v1::Explanation out = Explain(judged.instances.front(), judged.judgement, capability);
  *out.mutable_workload() = ToProto(judged.workload, judged.judgement);
  MakeUtf8(out);
  return out;
}

}  // namespace capmon
