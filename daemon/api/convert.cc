// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/convert.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/utf8.h"
#include "daemon/api/proofs.h"
#include "daemon/api/put.h"
#include "daemon/api/utf8_message.h"
#include "daemon/attribution/workload_identity.h"
#include "daemon/model/loss.h"
#include "daemon/profile/filtered_calls.h"
#include "daemon/profile/gates.h"
#include "daemon/profile/inside_user.h"
#include "daemon/profile/reachable.h"
#include "generated/version.h"

namespace capmon {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

template <typename Strings>
void PutStrings(const Strings& strings, Names* names) {
  for (const std::string& text : strings) names->Add(ToUtf8(text));
}

void PutLosses(const std::map<std::string, uint64_t>& losses,
               google::protobuf::Map<std::string, uint64_t>* out) {
  for (const auto& [cause, count] : losses) (*out)[ToUtf8(cause)] = count;
}

void PutErrnos(uint64_t errnos, Names* names) {
  for (int number = 1; number < 63; ++number) {
    if (!(errnos >> number & 1)) continue;
    const char* const name = strerrorname_np(number);
    names->Add(name != nullptr ? name : "errno " + std::to_string(number));
  }
  if (errnos >> 63) names->Add("other");
}

void PutTraits(const CheckKey& key, Names* names) {
  constexpr std::pair<Trait, const char*> kTraits[] = {{kNoAudit, "no-audit"},
                                                       {kInSetId, "in-set-id"},
                                                       {kCredOverridden, "cred-overridden"},
                                                       {kCredOther, "cred-other"},
                                                       {kIoWorker, "io-worker"},
                                                       {kCompat, "compat"},
                                                       {kCollapsed, "collapsed"},
                                                       {kHarmless, "harmless"},
                                                       {kProtects, "protects"},
                                                       {kByOwnership, "by-ownership"},
                                                       {kCredOwn, "cred-own"}};
  for (const auto& [trait, name] : kTraits)
    if (key.Is(trait)) names->Add(name);
  if (key.exe_origin == ExeOrigin::kMemory) names->Add("from-memory");
  if (key.exe_origin == ExeOrigin::kOutside) names->Add("from-outside");
}

const char* SeccompName(uint8_t mode) {
  if (mode == 0) return "none";
  return mode == 1 ? "strict" : "filter";
}

v1::Evidence ToProto(const JudgedEvidence& judged, const Container& container) {
  const CheckEvidence& evidence = judged.evidence;
  v1::Evidence out;
  out.set_site(ToUtf8(evidence.key.site));
  PutStrings(evidence.callers, out.mutable_callers());
  out.set_syscall(ToUtf8(evidence.key.syscall));
  out.set_granted(evidence.key.granted);
  out.set_count(evidence.counts.count);
  out.set_succeeded(evidence.counts.succeeded);
  out.set_failed(evidence.counts.failed);
  PutErrnos(evidence.counts.errnos, out.mutable_errnos());
  out.set_binary(ToUtf8(evidence.binary));
  out.set_comm(ToUtf8(evidence.comm));
  out.set_pid(evidence.pid);
  out.set_uid(evidence.uid);
  out.set_verdict(Name(judged.verdict));
  out.set_site_class(judged.site_class);
  out.set_reason(ToUtf8(judged.reason));
  out.set_phase(IsWorkload(container, evidence.key.exe_origin) ? "workload" : "runtime");
  PutTraits(evidence.key, out.mutable_traits());
  PutTime(evidence.first, [&] { return out.mutable_first(); });
  PutTime(evidence.last, [&] { return out.mutable_last(); });
  out.set_times_exact(evidence.unread_to == 0);
  PutTime(evidence.unread_from, [&] { return out.mutable_unread_from(); });
  PutTime(evidence.unread_to, [&] { return out.mutable_unread_to(); });
  PutStrings(evidence.inner_cgroups, out.mutable_inner_cgroups());
  return out;
}

v1::CapabilityVerdict ToProto(const CapabilityVerdict& verdict, const Container& container,
                              bool with_evidence) {
  v1::CapabilityVerdict out;
  out.set_capability(CapabilityName(verdict.capability));
  out.set_verdict(Name(verdict.verdict));
  out.set_granted(verdict.held);
  out.set_count(verdict.used);
  out.set_reason(ToUtf8(verdict.reason));
  for (const Capability c : verdict.narrower) out.add_narrower(CapabilityName(c));
  out.set_keep(verdict.keep);
  out.set_denied(verdict.denied);
  out.set_checks(verdict.checks);
  PutStrings(verdict.binaries, out.mutable_binaries());
  PutStrings(verdict.sites, out.mutable_sites());
  PutStrings(verdict.syscalls, out.mutable_syscalls());
  PutTime(verdict.first, [&] { return out.mutable_first(); });
  PutTime(verdict.last, [&] { return out.mutable_last(); });
  out.set_times_exact(verdict.times_exact);
  out.set_instances_used(static_cast<uint32_t>(verdict.instances_used));
  out.set_imported_used(static_cast<uint32_t>(verdict.imported_used));
  if (verdict.proof) *out.mutable_proof() = ToProto(*verdict.proof, verdict.withdrawn);
  if (!with_evidence) return out;
  for (const JudgedEvidence& judged : verdict.evidence)
    *out.add_evidence() = ToProto(judged, container);
  for (const std::string& use : verdict.uses)
    if (out.uses_size() < static_cast<int>(Proof::kMaxUses)) out.add_uses(ToUtf8(use));
  return out;
}

v1::Recommendation ToProto(const Recommendation& recommendation) {
  v1::Recommendation out;
  PutSet(recommendation.keep, out.mutable_keep());
  PutSet(recommendation.remove, out.mutable_remove());
  PutSet(recommendation.unknown, out.mutable_unknown());
  out.set_unknown_reason(ToUtf8(recommendation.unknown_reason));
  out.set_no_new_privileges(Name(recommendation.no_new_privileges));
  out.set_non_root(Name(recommendation.non_root));
  out.set_no_new_privileges_reason(ToUtf8(recommendation.no_new_privileges_reason));
  out.set_non_root_reason(ToUtf8(recommendation.non_root_reason));
  PutStrings(recommendation.warnings, out.mutable_warnings());
  PutSet(recommendation.proven_unneeded, out.mutable_proven_unneeded());
  return out;
}

v1::Confidence ToProto(const Confidence& confidence) {
  v1::Confidence out;
  out.set_state(confidence.state);
  out.set_observed_seconds(confidence.observed_seconds);
  out.set_starts(confidence.starts);
  out.set_lost(confidence.lost);
  out.set_backend(confidence.backend);
  PutStrings(confidence.blind_spots, out.mutable_blind_spots());
  out.set_known_sites(confidence.known_sites);
  PutStrings(confidence.open_conditions, out.mutable_open_conditions());
  PutLosses(confidence.losses, out.mutable_losses());
  out.set_outcomes_unknown(LossesOfKind(confidence.losses, LossKind::kOutcome));
  out.set_details_lost(LossesOfKind(confidence.losses, LossKind::kDetail));
  for (const Gap& gap : confidence.gaps) {
    v1::Gap* const added = out.add_gaps();
    PutTime(gap.from, [&] { return added->mutable_from(); });
    PutTime(gap.to, [&] { return added->mutable_to(); });
    added->set_reason(ToUtf8(gap.reason));
  }
  PutStrings(confidence.to_complete, out.mutable_to_complete());
  out.set_reload(confidence.reload);
  out.set_approved_by(ToUtf8(confidence.approved_by));
  PutTime(confidence.approved_at, [&] { return out.mutable_approved_at(); });
  return out;
}

v1::HeldSets ToProto(const HeldSets& held) {
  v1::HeldSets out;
  PutSet(held.permitted, out.mutable_permitted());
  PutSet(held.effective, out.mutable_effective());
  PutSet(held.inheritable, out.mutable_inheritable());
  PutSet(held.bounding, out.mutable_bounding());
  PutSet(held.ambient, out.mutable_ambient());
  out.set_uid(held.uid);
  out.set_no_new_privs(held.no_new_privs);
  out.set_seccomp(SeccompName(held.seccomp_mode));
  out.set_userns_level(held.userns_level);
  out.set_path(ToUtf8(held.path));
  out.set_source(ToUtf8(held.source));
  return out;
}

v1::PrivilegeGain ToProto(const PrivilegeGain& gain) {
  v1::PrivilegeGain out;
  out.set_path(ToUtf8(gain.path));
  out.set_how(ToUtf8(gain.how));
  PutSet(gain.gained, out.mutable_gained());
  out.set_blocked(gain.blocked);
  out.set_count(gain.count);
  return out;
}

void PutLayer(const Layer& layer, v1::Layer* out) {
  out->set_name(ToUtf8(layer.name));
  out->set_state(ToUtf8(layer.state));
  out->set_detail(ToUtf8(layer.detail));
}

// Returns true if a denial made a system call fail, or may have.
bool MissedSomething(const CapabilityVerdict& verdict) {
  return std::any_of(verdict.evidence.begin(), verdict.evidence.end(), [](const auto& judged) {
    const Refusal refusal = TraitsOf(judged.verdict).refusal;
    return !judged.evidence.key.granted &&
           (refusal == Refusal::kFailed || refusal == Refusal::kUndecided);
  });
}

// Makes every answer valid UTF-8, so that no name prevents it from being sent.
template <typename Message>
Message Sendable(Message message) {
  MakeUtf8(message);
  return message;
}

}  // namespace

v1::Container ToProto(const Container& container) {
  v1::Container out;
  out.set_id(ToUtf8(container.id));
  out.set_name(ToUtf8(container.name));
  out.set_runtime(ToUtf8(container.runtime));
  out.set_image(ToUtf8(container.image));
  out.set_pod(ToUtf8(container.pod));
  out.set_namespace_(ToUtf8(container.pod_namespace));
  out.set_workload(ToUtf8(container.workload));
  out.set_cgroup_path(ToUtf8(container.cgroup_path));
  out.set_kind(Name(container.kind));
  out.set_pod_uid(ToUtf8(container.pod_uid));
  for (const auto& [key, value] : container.labels)
    (*out.mutable_labels())[ToUtf8(key)] = ToUtf8(value);
  out.set_privileged(container.privileged);
  PutTime(container.first_seen, [&] { return out.mutable_first_seen(); });
  PutTime(container.removed, [&] { return out.mutable_ended(); });
  out.set_name_source(container.name_source);
  out.set_cgroup_id(container.cgroup);
  out.set_workload_inferred(container.workload_inferred);
  out.set_description(ToUtf8(container.description));
  out.set_image_digest(ToUtf8(container.image_digest));
  out.set_engine(ToUtf8(container.engine));
  if (const auto identity = IdentifyWorkload(container))
    out.set_workload_name(ToUtf8(Print(identity->workload)));
  return Sendable(std::move(out));
}

namespace {

v1::Container ContainerOf(const Profile& profile) {
  v1::Container out = ToProto(profile.container);
  if (profile.folded.instances > 0) out.set_folded(ToUtf8(profile.container.key));
  return out;
}

}  // namespace

v1::ContainerSummary Summarize(const Profile& profile, const Judgement& judgement) {
  v1::ContainerSummary out;
  *out.mutable_container() = ContainerOf(profile);
  if (profile.held) {
    out.set_held_known(true);
    out.set_held(static_cast<uint32_t>(profile.held->bounding.size()));
    PutSet(profile.held->bounding, out.mutable_held_set());
    PutSet(Reachable(profile), out.mutable_reachable());
    PutSet(Raisable(profile), out.mutable_raisable());
  }
  PutSet(judgement.recommendation.keep, out.mutable_used());
  PutSet(judgement.recommendation.unknown, out.mutable_unknown());
  uint64_t checks = 0;
  for (const CapabilityVerdict& verdict : judgement.capabilities) {
    checks += verdict.checks;
    if (MissedSomething(verdict)) out.add_denied(CapabilityName(verdict.capability));
  }
  out.set_checks(checks);
  *out.mutable_confidence() = ToProto(judgement.confidence);
  return Sendable(std::move(out));
}

v1::Profile ToProto(const Profile& profile, const Judgement& judgement, bool with_evidence) {
  v1::Profile out;
  *out.mutable_container() = ContainerOf(profile);
  for (const CapabilityVerdict& verdict : judgement.capabilities)
    *out.add_capabilities() = ToProto(verdict, profile.container, with_evidence);
  *out.mutable_recommendation() = ToProto(judgement.recommendation);
  *out.mutable_confidence() = ToProto(judgement.confidence);
  if (profile.held) *out.mutable_held() = ToProto(*profile.held);
  if (const auto user = InsideUser(profile)) out.mutable_held()->set_inside_uid(*user);
  for (const auto& [_, gain] : profile.gains) *out.add_gains() = ToProto(gain);
  for (const auto& [name, value] : profile.surroundings)
    (*out.mutable_surroundings())[ToUtf8(name)] = ToUtf8(value);
  AddFilteredCalls(profile, out);
  return Sendable(std::move(out));
}

void AddFilteredCalls(const Profile& profile, v1::Profile& out) {
  for (const FilteredCall& call : FilteredCallsOf(profile)) {
    const std::string syscall = ToUtf8(call.syscall);
    if (std::ranges::any_of(out.filtered_calls(),
                            [&](const auto& known) { return known.syscall() == syscall; }))
      continue;
    v1::FilteredCall& filtered = *out.add_filtered_calls();
    filtered.set_syscall(syscall);
    filtered.set_comm(ToUtf8(call.comm));
    for (const Capability c : call.opens.members()) filtered.add_opened_by(CapabilityName(c));
  }
}

v1::Explanation Explain(const Profile& profile, const Judgement& judgement, Capability capability) {
  CapabilityVerdict verdict;
  verdict.capability = capability;
  verdict.reason = "not held, and never checked";
  for (const CapabilityVerdict& known : judgement.capabilities)
    if (known.capability == capability) verdict = known;

  v1::Explanation out;
  *out.mutable_container() = ToProto(profile.container);
  *out.mutable_capability() = ToProto(verdict, profile.container, /*with_evidence=*/true);
  *out.mutable_confidence() = ToProto(judgement.confidence);
  return Sendable(std::move(out));
}

v1::Status ToProto(const MonitorStatus& status, const std::vector<Layer>& layers,
                   const std::vector<Layer>& keeps, const HealthState& health) {
  v1::Status out;
  out.set_version(CAPMON_VERSION);
  out.set_backend(status.source.backend);
  out.set_kernel(ToUtf8(status.source.kernel));
  out.set_cgroup_layout(status.source.cgroup_layout);
  PutStrings(status.source.blind_spots, out.mutable_blind_spots());
  PutLosses(status.lost, out.mutable_lost());
  for (const auto& [container, losses] : status.losing) {
    v1::ContainerLosses* const added = out.add_losing();
    added->set_container(ToUtf8(container));
    PutLosses(losses, added->mutable_lost());
  }
  for (const auto& [name, count] : status.counters) (*out.mutable_counters())[ToUtf8(name)] = count;
  for (const auto& [name, count] : status.largest)
    (*out.mutable_largest_users())[ToUtf8(name)] = count;
  PutTime(status.started, [&] { return out.mutable_started(); });
  out.set_outcomes(status.source.outcomes || status.source.ends_awaited);
  out.set_calls_watched(status.source.outcomes);
  for (const Layer& layer : layers) PutLayer(layer, out.add_layers());
  for (const Layer& keep : keeps) PutLayer(keep, out.add_keeps());
  out.mutable_health()->set_serving(health.serving);
  out.mutable_health()->set_reason(health.reason);
  PutTime(health.last_seen, [&] { return out.mutable_health()->mutable_last_seen(); });
  return Sendable(std::move(out));
}

v1::Event ToProto(const WatchedEvent& event, uint64_t dropped) {
  v1::Event out;
  PutTime(event.time, [&] { return out.mutable_time(); });
  *out.mutable_container() = ToProto(event.container);
  out.set_capability(CapabilityName(event.evidence.evidence.key.capability));
  *out.mutable_evidence() = ToProto(event.evidence, event.container);
  out.set_dropped(dropped);
  return Sendable(std::move(out));
}

}  // namespace capmon
