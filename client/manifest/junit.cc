// SPDX-License-Identifier: Apache-2.0
// The XML that CI servers read as the results of tests.
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/manifest/report.h"

namespace capmon {
namespace {

// Printable() leaves no control characters, which XML cannot hold.
std::string Escaped(const std::string& text) {
  std::string result;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&apos;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string Line(const std::string& file, const ManifestFinding& finding) {
  return absl::StrCat(file, ":", finding.place.line, ":", finding.place.column, ": ",
                      Name(finding.level), ": ", finding.message, " [", FactsOf(finding.rule).id,
                      "]");
}

bool Fails(const ManifestFinding& finding) { return finding.level != FindingLevel::kNote; }

// One failure for all: more than one in a test case is not portable.
std::string TestCase(const std::string& file, const std::string& name,
                     const ManifestFindings& findings) {
  std::string failures, notes, first;
  for (const ManifestFinding& finding : findings) {
    std::string& lines = Fails(finding) ? failures : notes;
    if (Fails(finding) && first.empty()) first = finding.message;
    absl::StrAppend(&lines, Escaped(Line(file, finding)), "\n");
  }
  std::string text = absl::StrCat("    <testcase classname=\"", Escaped(file), "\" name=\"",
                                  Escaped(name), "\" time=\"0\">\n");
  if (!failures.empty())
    absl::StrAppend(&text, "      <failure message=\"", Escaped(first), "\" type=\"capmon\">",
                    failures, "</failure>\n");
  if (!notes.empty()) absl::StrAppend(&text, "      <system-out>", notes, "</system-out>\n");
  return text + "    </testcase>\n";
}

size_t FailuresIn(const ManifestFindings& findings) {
  for (const ManifestFinding& finding : findings)
    if (Fails(finding)) return 1;
  return 0;
}

std::string Suite(const CheckedFile& file, size_t& all_tests, size_t& all_failures) {
  size_t tests = 0, failures = 0;
  std::string cases;
  const auto add = [&](const std::string& name, const ManifestFindings& findings) {
    ++tests;
    failures += FailuresIn(findings);
    cases += TestCase(file.name, name, findings);
  };
  if (!file.findings.empty()) add("the file", file.findings);
  for (const CheckedContainer& container : file.containers)
    add(container.label, container.findings);
  all_tests += tests;
  all_failures += failures;
  return absl::StrCat("  <testsuite name=\"", Escaped(file.name), "\" tests=\"", tests,
                      "\" failures=\"", failures, "\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
                      cases, "  </testsuite>\n");
}

}  // namespace

std::string CheckJunit(const std::vector<CheckedFile>& files) {
  size_t tests = 0, failures = 0;
  std::string suites;
  for (const CheckedFile& file : files) suites += Suite(file, tests, failures);
  return absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"capmon check\" "
      "tests=\"",
      tests, "\" failures=\"", failures, "\" errors=\"0\" time=\"0\">\n", suites,
      "</testsuites>\n");
}

}  // namespace capmon
