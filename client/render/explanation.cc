// SPDX-License-Identifier: Apache-2.0
#include "client/render/explanation.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "client/base/table.h"
#include "client/base/text.h"
#include "client/render/profile.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr size_t kCallersWidth = 50;

// "3 succeeded, 1 failed (EPERM)"; a dash if results were not recorded.
std::string Outcome(const v1::Evidence& evidence) {
  std::string text;
  if (evidence.succeeded() > 0) text = absl::StrCat(Grouped(evidence.succeeded()), " succeeded");
  if (evidence.failed() == 0) return OrDash(text);
  const std::string errnos =
      evidence.errnos().empty() ? "" : absl::StrCat(" (", Joined(evidence.errnos()), ")");
  return absl::StrCat(text, text.empty() ? "" : ", ", Grouped(evidence.failed()), " failed",
                      errnos);
}

void RenderSummary(std::ostream& out, const v1::CapabilityVerdict& verdict, size_t width) {
  std::string text = absl::StrCat(
      ShortName(verdict.capability()), ": ", verdict.verdict(),
      verdict.granted() ? ", granted" : ", not granted", verdict.keep() ? ", keep" : "",
      ParseVerdict(verdict.verdict()) == Verdict::kUnknown ? ", kept because it is unknown" : "",
      "; ", Grouped(verdict.checks()), verdict.checks() == 1 ? " check, " : " checks, ",
      Grouped(verdict.count()), " used, ", Grouped(verdict.denied()), " denied");
  if (verdict.has_first())
    text =
        absl::StrCat(text, "; ", FormatTime(verdict.first()), " to ", FormatTime(verdict.last()));
  out << InLines(Printable(text), width);
  if (!verdict.reason().empty()) out << InLines(Printable(verdict.reason()), width);
  if (!verdict.narrower().empty())
    out << InLines("Would be enough as well: " + Printable(ShortNames(verdict.narrower())), width);
}

// Prints what runs without it showed.
void RenderProof(std::ostream& out, const v1::CapabilityVerdict& verdict, size_t width) {
  if (!verdict.has_proof()) return;
  const v1::Proof& proof = verdict.proof();
  const bool needed = proof.finding() == "needed";
  std::string text = absl::StrCat(
      "Proof: ", proof.finding(), needed ? "; without it: " : ": ", proof.reason(), "; ",
      FormatTime(proof.at()), " by ", proof.by(), ", capmon ", proof.version(), ", image ",
      proof.digest(), proof.check().empty() ? "" : absl::StrCat(", check: ", proof.check()));
  if (!proof.keep().empty())
    absl::StrAppend(&text, "; the job was done with ", ShortNames(proof.keep()));
  out << InLines(Printable(text), width);
  if (!proof.withdrawn().empty())
    out << InLines("Proof withdrawn: " + Printable(proof.withdrawn()), width);
}

std::string ProcessText(const v1::Evidence& evidence) {
  if (evidence.pid() == 0) return "–";
  return absl::StrCat(evidence.comm(), " pid ", evidence.pid(), " uid ", evidence.uid());
}

// Prints the times between which checks were made whose exact times are not known.
void RenderUnread(std::ostream& out, const v1::CapabilityVerdict& verdict, size_t width) {
  std::set<std::string> spans;
  for (const v1::Evidence& evidence : verdict.evidence())
    if (evidence.has_unread_to())
      spans.insert(absl::StrCat("between ", FormatTime(evidence.unread_from()), " and ",
                                FormatTime(evidence.unread_to())));
  for (const std::string& span : spans)
    out << InLines(absl::StrCat("Times not exact: some checks were made ", span,
                                ", while capmond did not run"),
                   width);
}

// Prints the cgroups below the container's own in which checks were made.
void RenderInnerCgroups(std::ostream& out, const v1::CapabilityVerdict& verdict) {
  std::set<std::string> paths;
  for (const v1::Evidence& evidence : verdict.evidence())
    paths.insert(evidence.inner_cgroups().begin(), evidence.inner_cgroups().end());
  for (const std::string& path : paths) out << "Inner cgroup: " << Printable(path) << '\n';
}

}  // namespace

void RenderExplanation(std::ostream& out, const v1::Explanation& explanation,
                       const Settings& settings) {
  if (settings.headers)
    RenderHeading(out, explanation.container(), explanation.confidence(), explanation.workload(),
                  settings.width);
  RenderSummary(out, explanation.capability(), settings.width);
  RenderProof(out, explanation.capability(), settings.width);

  std::vector<Table::Column> columns = {{"MEANS"}, {"RESULT"},  {"COUNT", true}, {"OUTCOME"},
                                        {"SITE"},  {"SYSCALL"}, {"BINARY"},      {"PHASE"}};
  if (settings.wide())
    columns.insert(
        columns.end(),
        {{"CLASS"}, {"TRAITS"}, {"EXAMPLE"}, {"LAST"}, {"CALLERS", false, kCallersWidth}});
  columns.push_back({"WHY"});

  Table table(columns);
  for (const v1::Evidence& evidence : explanation.capability().evidence()) {
    std::vector<std::string> cells = {
        evidence.verdict(),        evidence.granted() ? "granted" : "denied",
        Grouped(evidence.count()), Outcome(evidence),
        OrDash(evidence.site()),   OrDash(evidence.syscall()),
        OrDash(evidence.binary()), evidence.phase()};
    if (settings.wide())
      cells.insert(cells.end(),
                   {OrDash(evidence.site_class()), OrDash(Joined(evidence.traits())),
                    ProcessText(evidence), evidence.has_last() ? FormatTime(evidence.last()) : "–",
                    OrDash(Joined(evidence.callers()))});
    cells.push_back(evidence.reason());
    table.Add(std::move(cells));
  }
  if (!table.empty()) table.Print(out, settings.headers, settings.width);
  RenderUnread(out, explanation.capability(), settings.width);
  RenderInnerCgroups(out, explanation.capability());
}

}  // namespace capmon
