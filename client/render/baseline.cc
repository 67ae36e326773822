// SPDX-License-Identifier: Apache-2.0
#include "client/render/baseline.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace capmon {

void RenderBaseline(std::ostream& out, const v1::Baseline& baseline) {
  const std::string word = baseline.approved() ? absl::StrCat("approved by ", baseline.by(), " at ",
                                                              FormatTime(baseline.at()))
                                               : "not approved";
  out << Printable(absl::StrCat(baseline.workload(), ": ", word)) << '\n';
  out << "Normal: "
      << (baseline.used().empty() ? "nothing" : Printable(ShortNames(baseline.used()))) << '\n';
  for (const std::string& use : baseline.uses()) out << "  " << Printable(use) << '\n';
}

}  // namespace capmon
