// SPDX-License-Identifier: Apache-2.0
#include "client/commands/verification.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/exit_code.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/show.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr char kExited[] = "exited";
constexpr char kFailed[] = "failed";

// Returns true for the errors of a denial. Other errors have other reasons.
bool IsDenialError(const google::protobuf::RepeatedPtrField<std::string>& errnos) {
  return std::any_of(errnos.begin(), errnos.end(),
                     [](const std::string& name) { return name == "EPERM" || name == "EACCES"; });
}

// Returns true for a denial that made a call fail: the verdict says so, or, at call sites that are
// unknown or tolerate a denial, the error does.
bool IsDenial(const v1::Evidence& evidence) {
  if (evidence.granted() || evidence.phase() != "workload") return false;
  const auto verdict = ParseVerdict(evidence.verdict());
  const Refusal refusal = verdict ? TraitsOf(*verdict).refusal : Refusal::kUndecided;
  if (refusal == Refusal::kFailed) return true;
  const bool open = refusal == Refusal::kUndecided || refusal == Refusal::kChanged;
  return open && evidence.site_class() != "SILENT" && evidence.failed() > 0 &&
         IsDenialError(evidence.errnos());
}

using DenialKind =
    std::tuple<std::string, std::string, std::string>;  // capability, system call, site

std::set<DenialKind> DenialKinds(const v1::Profile& profile) {
  std::set<DenialKind> kinds;
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    for (const v1::Evidence& evidence : row.evidence())
      if (IsDenial(evidence)) kinds.emplace(row.capability(), evidence.syscall(), evidence.site());
  return kinds;
}

void Merge(const v1::Evidence& evidence, v1::Denial& denial) {
  denial.set_count(denial.count() + evidence.count());
  for (const std::string& name : evidence.errnos())
    if (std::find(denial.errnos().begin(), denial.errnos().end(), name) == denial.errnos().end())
      denial.add_errnos(name);
}

v1::Denial DenialOf(const std::string& capability, const v1::Evidence& evidence) {
  v1::Denial denial;
  denial.set_capability(capability);
  denial.set_syscall(evidence.syscall());
  denial.set_site(evidence.site());
  denial.set_binary(evidence.binary());
  denial.set_reason(evidence.reason());
  return denial;
}

bool CheckedForWorkload(const v1::Profile& profile, const std::string& capability) {
  for (const v1::CapabilityVerdict& row : profile.capabilities())
    if (row.capability() == capability)
      return std::any_of(row.evidence().begin(), row.evidence().end(),
                         [](const v1::Evidence& e) { return e.phase() == "workload"; });
  return false;
}

std::string CheckComplaint(const v1::Verification& verification) {
  if (verification.before().check() == kFailed) return "the check failed in the first run already";
  return verification.confined().check() == kFailed ? "the check failed" : "";
}

}  // namespace

std::string Sentence(const v1::Denial& denial) {
  if (denial.site() == "seccomp") return absl::StrCat(denial.reason(), ", in ", denial.binary());
  std::string text = absl::StrCat(denial.capability(), " was denied");
  if (!denial.syscall().empty()) absl::StrAppend(&text, " to ", denial.syscall(), "(2)");
  if (!denial.errnos().empty()) absl::StrAppend(&text, " (", Joined(denial.errnos()), ")");
  if (!denial.binary().empty()) absl::StrAppend(&text, " in ", denial.binary());
  return text;
}

std::string ExitComplaint(const v1::Verification& verification) {
  const v1::VerifiedRun& now = verification.confined();
  const v1::VerifiedRun& before = verification.before();
  if (now.state() == kFailed) return "it could not be started: " + now.complaint();
  if (!verification.has_before()) {
    const bool ended = now.state() == kExited && now.exit_code() != 0;
    return ended ? absl::StrCat("exit status ", now.exit_code()) : "";
  }
  if (now.state() == before.state())
    return now.exit_code() == before.exit_code()
               ? ""
               : absl::StrCat("exit status ", before.exit_code(), " -> ", now.exit_code());
  // A slower run is no failure; a run that ended while the first one continued is.
  return now.state() == kExited
             ? absl::StrCat("it ended by itself, with exit status ", now.exit_code())
             : "";
}

absl::StatusOr<CapabilitySet> ParseCapabilityList(const std::string& text) {
  CapabilitySet set;
  if (text == "none") return set;
  const std::vector<std::string> names = absl::StrSplit(text, ',');
  for (std::string name : names) {
    absl::StripAsciiWhitespace(&name);
    const auto capability = ParseCapability(name);
    if (!capability)
      return absl::InvalidArgumentError(absl::StrCat("there is no capability ", Quoted(name),
                                                     "; write a list like NET_RAW,CHOWN or none"));
    set.Add(*capability);
  }
  return set;
}

bool SafeWithoutNewPrivileges(const v1::Profile& profile) {
  return profile.recommendation().no_new_privileges() == "safe";
}

std::vector<v1::Denial> NewDenials(const v1::Profile& before, const v1::Profile& after) {
  const std::set<DenialKind> old = DenialKinds(before);
  std::vector<v1::Denial> denials;
  for (const v1::CapabilityVerdict& row : after.capabilities()) {
    std::map<std::tuple<std::string, std::string, std::string>, size_t> places;
    for (const v1::Evidence& evidence : row.evidence()) {
      if (!IsDenial(evidence)) continue;
      if (old.contains(DenialKind(row.capability(), evidence.syscall(), evidence.site()))) continue;
      const auto [place, is_new] = places.emplace(
          std::make_tuple(evidence.syscall(), evidence.site(), evidence.binary()), denials.size());
      if (is_new) denials.push_back(DenialOf(row.capability(), evidence));
      Merge(evidence, denials[place->second]);
    }
  }
  return denials;
}

// Returns system calls that the seccomp filter denies only in the second run: the engine generates
// the filter from the capabilities.
std::vector<v1::Denial> NewlyFiltered(const v1::Profile& before, const v1::Profile& after) {
  std::set<std::string> old;
  for (const v1::FilteredCall& call : before.filtered_calls()) old.insert(call.syscall());
  std::vector<v1::Denial> denials;
  for (const v1::FilteredCall& call : after.filtered_calls()) {
    if (old.contains(call.syscall()) || call.opened_by().empty()) continue;
    v1::Denial& denial = denials.emplace_back();
    denial.set_capability(call.opened_by(0));
    denial.set_syscall(call.syscall());
    denial.set_binary(call.comm());
    denial.set_site("seccomp");
    denial.set_count(1);
    denial.set_reason(absl::StrCat("the seccomp filter denied ", call.syscall(),
                                   "(2), which it allows only with ",
                                   ShortNames(call.opened_by())));
  }
  return denials;
}

void Compare(const v1::Profile& before, const v1::Profile& after, v1::Verification& verification) {
  for (v1::Denial& denial : NewDenials(before, after))
    *verification.add_denials() = std::move(denial);
  for (v1::Denial& denial : NewlyFiltered(before, after))
    *verification.add_denials() = std::move(denial);
  google::protobuf::RepeatedPtrField<std::string> unproven;
  for (const std::string& name : before.recommendation().keep())
    if (CheckedForWorkload(before, name) && !CheckedForWorkload(after, name))
      *unproven.Add() = name;
  if (!unproven.empty() && verification.denials().empty())
    verification.add_notes(absl::StrCat(
        "this run made no check of ", ShortNames(unproven),
        ", so it proves nothing about it; perhaps that work was done in the first run"));
}

void Conclude(v1::Verification& verification) {
  std::vector<std::string> complaints;
  for (const v1::Denial& denial : verification.denials()) complaints.push_back(Sentence(denial));
  for (const std::string& complaint : {ExitComplaint(verification), CheckComplaint(verification)})
    if (!complaint.empty()) complaints.push_back(complaint);

  verification.set_verified(complaints.empty());
  if (!complaints.empty())
    return verification.set_reason("not verified: " + absl::StrJoin(complaints, "; "));
  const std::string set = verification.keep().empty()
                              ? "no capability at all"
                              : ShortNames(verification.keep()) + " and nothing else";
  verification.set_reason(
      absl::StrCat("verified: ", verification.subject(), " did its job with ", set));
  const v1::VerifiedRun& before = verification.before();
  if (before.state() == kExited && before.exit_code() != 0)
    verification.add_notes(absl::StrCat("its exit status was ", before.exit_code(),
                                        " in the first run, too: did it do its job?"));
}

absl::StatusOr<int> Report(v1::Verification verification, const Settings& settings) {
  Conclude(verification);
  const absl::Status printed = Show(verification, settings, [&](std::ostream& out) {
    out << Printable(verification.reason()) << "\n";
    for (const std::string& note : verification.notes()) out << "Note: " << Printable(note) << "\n";
  });
  if (!printed.ok()) return printed;
  return verification.verified() ? kExitOk : kExitDifference;
}

}  // namespace capmon
