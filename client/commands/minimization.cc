// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimization.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/output.h"
#include "client/base/text.h"
#include "client/commands/minimize_report.h"
#include "client/commands/record_proofs.h"
#include "client/commands/verification.h"
#include "client/minimize/candidates.h"
#include "client/minimize/repeated.h"

namespace capmon {
namespace {

constexpr char kChecksNothing[] =
    "the check passes without the job as well, so that it passed shows nothing; it has to reach "
    "this run's container";
constexpr int kRepeatWithCheck = 3, kRepeatWithoutCheck = 6;

const char* Word(TrialEnd end) {
  switch (end) {
    case TrialEnd::kPassed: return "passed";
    case TrialEnd::kFailed: return "failed";
    case TrialEnd::kUnsteady: return "unsteady";
    case TrialEnd::kInterrupted: return "interrupted";
    case TrialEnd::kBroken: return "broken";
  }
  return "";
}

// Runs the job for the search, with progress like that of a test runner.
class ReportedTrials {
 public:
  ReportedTrials(const Job& job, CapabilitySet full, v1::Minimization& report)
      : job_(job), full_(full), report_(report), before_(job.before) {}

  TrialResult Run(CapabilitySet set) {
    const std::string head = absl::StrCat("run ", ++number_, ": ");
    const CapabilitySet without = full_ - set, added = set - full_;
    std::string what = without.empty() ? absl::StrCat("with ", NamesOf(set))
                                       : absl::StrCat("without ", NamesOf(without));
    if (!added.empty()) absl::StrAppend(&what, ", with ", NamesOf(added));
    PrintNotes({head + what});
    TrialResult result = Try(set);
    const std::string why = result.why.empty() ? "" : ": " + Printable(result.why);
    PrintNotes({absl::StrCat(head, Word(result.end), why)});

    v1::MinimizationRun& run = *report_.add_runs();
    for (const Capability c : set.members()) run.add_keep(CapabilityName(c));
    run.set_result(Word(result.end));
    run.set_reason(result.why);
    return result;
  }
  int interrupted_by() const { return interrupted_by_; }
  // A run was of another image than the observed one.
  bool other_image() const { return other_image_; }

 private:
  TrialResult Try(CapabilitySet set) {
    const Confinement confinement = {.keep = set, .no_new_privileges = report_.no_new_privileges()};
    const auto trial = job_.run(number_, confinement);
    if (!trial.ok())
      return {.end = TrialEnd::kBroken, .why = std::string(trial.status().message())};
    if (trial->interrupted_by != 0) interrupted_by_ = trial->interrupted_by;
    // What the recommended set denies, a smaller one denies as well.
    TrialResult result = ResultOf(before_, *trial, set == full_ ? AllCapabilities() : full_);
    if (result.end == TrialEnd::kPassed) Pass(set, *trial, result);
    const std::string& image = trial->profile.container().image_digest();
    other_image_ |= !image.empty() && image != report_.image_digest();
    return result;
  }
  // A reduced set is compared with the full one, not with a run that had everything.
  void Pass(CapabilitySet set, const TrialRun& trial, TrialResult& result) {
    checks_nothing_ |= trial.checks_nothing;
    if (set == full_) {
      before_.run = trial.run;
      whole_ = trial.profile;
      return;
    }
    result.repeated = TriedWithout(before_.profile, whole_, trial.profile);
    result.unproven = checks_nothing_ ? kChecksNothing : WhyDenialsMayBeUnseen(trial.profile);
    if (!result.unproven.empty()) result.repeated = {};
  }

  const Job& job_;
  const CapabilitySet full_;
  v1::Minimization& report_;
  TrialRun before_;
  v1::Profile whole_;  // of the run with everything; empty until it has passed
  bool checks_nothing_ = false;
  bool other_image_ = false;
  int number_ = 0;
  int interrupted_by_ = 0;
};

// What an earlier search decided stands until another one decides.
void NoteWhatStands(const Job& job, const v1::Minimization& report) {
  const auto& earlier = job.before.profile.recommendation().proven_unneeded();
  google::protobuf::RepeatedPtrField<std::string> stands;
  for (const v1::MinimizedCapability& row : report.capabilities())
    if (row.finding() == "undecided" &&
        std::find(earlier.begin(), earlier.end(), row.capability()) != earlier.end())
      *stands.Add() = row.capability();
  if (!stands.empty())
    PrintNotes({absl::StrCat(
        "still left out in capmond, because an earlier search found it unneeded: ",
        ShortNames(stands), "; capmon reset deletes what was found, with the evidence")});
}

// The search has its result whether or not capmond takes it.
void RecordFindings(const Job& job, const v1::Minimization& report, const ReportedTrials& trials) {
  v1::RecordProofsRequest request = ProofsOf(report);
  if (!job.record || request.proofs().empty()) return;
  if (trials.other_image()) {
    PrintNotes({"not recorded in capmond: the runs were of another image than the container"});
    return;
  }
  const int proofs = request.proofs_size();
  const auto workload = job.record(std::move(request));
  PrintNotes({workload.ok() ? absl::StrCat("recorded in capmond for ", Printable(*workload), ": ",
                                           proofs, proofs == 1 ? " finding" : " findings")
                            : absl::StrCat("not recorded in capmond: ",
                                           Printable(std::string(workload.status().message())))});
  NoteWhatStands(job, report);
}

v1::Minimization Begin(const Job& job, const MinimizeOptions& options) {
  v1::Minimization report;
  report.set_subject(job.subject);
  report.set_no_new_privileges(SafeWithoutNewPrivileges(job.before.profile));
  for (const std::string& note : job.notes) report.add_notes(note);
  report.set_check(options.check.command);
  report.set_image_digest(job.before.profile.container().image_digest());
  return report;
}

// The result if a run that had everything shows that the check decides nothing.
SearchResult Undecidable(const TrialRun& before, CapabilitySet full) {
  SearchResult result;
  result.set = full;
  result.end = before.unsteady ? SearchEnd::kRandom : SearchEnd::kCheckFails;
  result.why = before.unsteady ? "the check both passed and failed in the first run"
                               : "the check failed in the first run, which had everything";
  return result;
}

}  // namespace

TrialResult ResultOf(const TrialRun& before, const TrialRun& now, CapabilitySet watched) {
  TrialResult result;
  if (now.interrupted_by != 0) return {.end = TrialEnd::kInterrupted, .why = "by a signal"};
  result.repeated = Repeated(before.profile, now.profile);
  v1::Verification comparison;
  *comparison.mutable_before() = before.run;
  *comparison.mutable_confined() = now.run;
  if (now.run.state() != "failed") Compare(before.profile, now.profile, comparison);

  std::vector<std::string> denials;
  for (const v1::Denial& denial : comparison.denials()) {
    const auto capability = ParseCapability(denial.capability());
    if (!capability || !watched.Has(*capability)) continue;
    result.failed.Add(*capability);
    denials.push_back(Sentence(denial));
  }
  std::vector<std::string> complaints;
  const bool with_check = !now.run.check().empty();
  if (!with_check) complaints = denials;
  const std::string at_end = ExitComplaint(comparison);
  if (!at_end.empty()) complaints.push_back(at_end);
  if (now.run.check() == "failed") complaints.emplace_back("the check failed");
  if (now.unsteady && complaints.empty())
    return {.end = TrialEnd::kUnsteady,
            .why = "the check both passed and failed",
            .repeated = result.repeated,
            .failed = result.failed};
  if (complaints.empty()) return result;
  if (with_check) complaints.insert(complaints.begin(), denials.begin(), denials.end());
  result.end = TrialEnd::kFailed;
  result.why = absl::StrJoin(complaints, "; ");
  return result;
}

absl::StatusOr<int> Minimize(const Job& job, const MinimizeOptions& options,
                             const Settings& settings) {
  std::vector<TrialCandidate> candidates = CandidatesOf(job.before.profile);
  ApplyLasting(job.lasting, candidates);
  v1::Minimization report = Begin(job, options);
  if (options.dry_run) return PrintPlan(candidates, options, report);
  CapabilitySet full;
  for (const TrialCandidate& candidate : candidates) full.Add(candidate.capability);
  if (job.before.unsteady || job.before.run.check() == "failed") {
    const SearchResult result = Undecidable(job.before, full);
    AddResult(candidates, result, report);
    return PrintResult(report, result.end, settings);
  }
  ReportedTrials trials(job, full, report);
  SearchLimits limits = {.max_runs = options.max_runs,
                         .repeat = options.repeat,
                         .only_doubtful = options.only_doubtful};
  if (limits.repeat == 0)
    limits.repeat = options.check.command.empty() ? kRepeatWithoutCheck : kRepeatWithCheck;
  const SearchResult result = SearchSmallest(
      candidates, [&](CapabilitySet set) { return trials.Run(set); }, limits);
  AddResult(candidates, result, report);
  const auto code = options.emit.empty() ? PrintResult(report, result.end, settings)
                                         : PrintPrograms(report, result.end, job.before.profile);
  if (options.record) RecordFindings(job, report, trials);
  if (!code.ok() || trials.interrupted_by() == 0) return code;
  return 128 + trials.interrupted_by();
}

}  // namespace capmon
