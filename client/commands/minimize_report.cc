// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_report.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/commands/program_rows.h"
#include "client/commands/show.h"
#include "client/minimize/candidates.h"
#include "generated/version.h"

namespace capmon {
namespace {

constexpr size_t kReasonWidth = 80;
constexpr char kPassed[] = "passed";  // of v1::MinimizationRun

const char* Word(SearchEnd end) {
  switch (end) {
    case SearchEnd::kDone: return "done";
    case SearchEnd::kMaxRuns: return "max-runs";
    case SearchEnd::kCheckFails: return "check-fails";
    case SearchEnd::kRandom: return "random";
    case SearchEnd::kInterrupted: return "interrupted";
    case SearchEnd::kBroken: return "failed";
  }
  return "";
}

const char* Word(TrialFinding finding) {
  switch (finding) {
    case TrialFinding::kProven: return "proven";
    case TrialFinding::kUnneeded: return "unneeded";
    case TrialFinding::kReplaced: return "replaced";
    case TrialFinding::kUndecided: return "undecided";
  }
  return "";
}

std::string SetText(const v1::Minimization& report) {
  return report.keep().empty() ? "no capability at all"
                               : ShortNames(report.keep()) + " and nothing else";
}

// "CHOWN, KILL", the undecided ones.
std::string Undecided(const v1::Minimization& report) {
  google::protobuf::RepeatedPtrField<std::string> names;
  for (const v1::MinimizedCapability& row : report.capabilities())
    if (row.finding() == "undecided") *names.Add() = row.capability();
  return ShortNames(names);
}

bool AnyPassed(const v1::Minimization& report) {
  return std::any_of(report.runs().begin(), report.runs().end(),
                     [](const auto& run) { return run.result() == kPassed; });
}

// The result as one sentence.
std::string Sentence(const SearchResult& result, const v1::Minimization& report) {
  switch (result.end) {
    case SearchEnd::kCheckFails:
      return "nothing was left out, for the job fails without that: " + result.why;
    case SearchEnd::kRandom: return "what is needed cannot be decided: " + result.why;
    default: break;
  }
  if (!AnyPassed(report))
    return absl::StrCat("nothing was left out, for no run of ", report.subject(),
                        " passed; ended early: ", result.why);
  const std::string undecided = Undecided(report);
  const std::string head =
      absl::StrCat(undecided.empty() ? "smallest set: " : "smallest set so far: ", report.subject(),
                   " did its job with ", SetText(report), ", found in ", result.runs,
                   result.runs == 1 ? " run" : " runs");
  std::string tail = undecided.empty() ? "" : absl::StrCat("; undecided: ", undecided);
  if (!result.confirmed) absl::StrAppend(&tail, "; the set is not confirmed");
  if (result.end != SearchEnd::kDone) absl::StrAppend(&tail, "; ended early: ", result.why);
  return head + tail;
}

int ExitCodeOf(SearchEnd end) {
  switch (end) {
    case SearchEnd::kDone:
    case SearchEnd::kInterrupted: return kExitOk;
    case SearchEnd::kMaxRuns: return kExitIncomplete;
    case SearchEnd::kCheckFails:
    case SearchEnd::kRandom: return kExitDifference;
    case SearchEnd::kBroken: return kExitUnreachable;
  }
  return kExitOk;
}

void RenderMinimization(std::ostream& out, const v1::Minimization& report,
                        const Settings& settings) {
  out << Printable(report.reason()) << '\n';
  Table table(
      {{.title = "CAPABILITY"}, {.title = "FOUND"}, {.title = "WHY", .wrap = kReasonWidth}});
  for (const v1::MinimizedCapability& row : report.capabilities()) {
    std::string why = row.reason();
    if (row.finding() == "proven") why = "without it: " + why;
    if (row.finding() == "replaced")
      why = absl::StrCat(ShortName(row.instead()), " is enough; without both: ", why);
    table.Add({ShortName(row.capability()), row.finding(), why});
  }
  if (!table.empty()) table.Print(out, settings.headers);
  for (const std::string& note : report.notes()) out << "Note: " << Printable(note) << '\n';
}

std::string NamesOf(const std::vector<TrialCandidate>& candidates, bool alone) {
  std::vector<std::string> names;
  for (const TrialCandidate& candidate : candidates)
    if (IsTriedAlone(candidate) == alone)
      names.push_back(ShortCapabilityName(candidate.capability));
  return absl::StrJoin(names, ", ");
}

}  // namespace

absl::StatusOr<int> PrintPlan(const std::vector<TrialCandidate>& candidates,
                              const MinimizeOptions& options, const v1::Minimization& report) {
  std::vector<std::string> steps;
  std::vector<std::string> all;
  for (const TrialCandidate& candidate : candidates)
    all.push_back(ShortCapabilityName(candidate.capability));
  steps.push_back(absl::StrCat("with the recommended set: ",
                               all.empty() ? "no capability" : absl::StrJoin(all, ", ")));
  const std::string doubtful = NamesOf(candidates, false), alone = NamesOf(candidates, true);
  if (!doubtful.empty())
    steps.push_back(absl::StrCat("without ", doubtful,
                                 "; if that fails, without halves of these, "
                                 "then each by itself, then with a narrower one instead"));
  if (!alone.empty())
    steps.push_back(absl::StrCat("without each of ", alone, ", one after another"));
  steps.emplace_back("with the smallest set again, if it is smaller than the recommended one");
  std::string text = absl::StrCat("plan for ", Printable(report.subject()), ", at most ",
                                  options.max_runs, " runs:\n");
  for (size_t i = 0; i < steps.size(); ++i)
    absl::StrAppend(&text, i + 1, ". ", Printable(steps[i]), "\n");
  for (const TrialCandidate& candidate : candidates)
    absl::StrAppend(
        &text, ShortCapabilityName(candidate.capability), ": ", Explain(candidate.doubt),
        candidate.lasting.empty() ? "" : "; it can be proven needed only: ", candidate.lasting,
        "\n");
  for (const std::string& note : report.notes())
    absl::StrAppend(&text, "Note: ", Printable(note), "\n");
  if (absl::Status printed = Print(text); !printed.ok()) return printed;
  return kExitOk;
}

void AddResult(const std::vector<TrialCandidate>& candidates, const SearchResult& result,
               v1::Minimization& report) {
  for (const Capability c : result.set.members()) report.add_keep(CapabilityName(c));
  report.set_end(Word(result.end));
  report.set_confirmed(result.confirmed);
  report.set_version(CAPMON_VERSION);
  for (const TriedOut& found : result.found) {
    v1::MinimizedCapability& row = *report.add_capabilities();
    row.set_capability(CapabilityName(found.capability));
    row.set_finding(Word(found.finding));
    row.set_reason(found.reason);
    if (found.finding == TrialFinding::kReplaced) row.set_instead(CapabilityName(found.instead));
    const auto candidate =
        std::find_if(candidates.begin(), candidates.end(),
                     [&](const TrialCandidate& c) { return c.capability == found.capability; });
    if (candidate != candidates.end()) row.set_doubt(Explain(candidate->doubt));
  }
  report.set_reason(Sentence(result, report));
}

absl::StatusOr<int> PrintResult(const v1::Minimization& report, SearchEnd end,
                                const Settings& settings) {
  const absl::Status printed =
      Show(report, settings, [&](std::ostream& out) { RenderMinimization(out, report, settings); });
  if (!printed.ok()) return printed;
  return ExitCodeOf(end);
}

absl::StatusOr<int> PrintPrograms(const v1::Minimization& report, SearchEnd end,
                                  const v1::Profile& before) {
  PrintNotes({Printable(report.reason())});
  if (absl::Status printed = Print(ProgramRows(before, report)); !printed.ok()) return printed;
  return ExitCodeOf(end);
}

}  // namespace capmon
