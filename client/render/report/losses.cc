// SPDX-License-Identifier: Apache-2.0
// Lost evidence, explained where it matters.
#include <map>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/render/report/parts.h"
#include "daemon/model/loss.h"

namespace capmon {

void RenderLosses(Html& html, const google::protobuf::Map<std::string, uint64_t>& by_cause) {
  const std::map<std::string, uint64_t> lost(by_cause.begin(), by_cause.end());
  for (const LossKind kind : kLossKinds)
    for (const auto& [cause, count] : lost) {
      if (KindOfLoss(cause) != kind || count == 0) continue;
      const std::string remedy = RemedyForLoss(cause);
      html.Leaf("dt", {}, absl::StrCat(Grouped(count), " ", Name(kind)));
      html.Leaf("dd", {},
                absl::StrCat(cause, ": ", std::string(FactsOfLoss(cause).meaning), "; ",
                             CostOf(kind), remedy.empty() ? "." : "; to avoid it, ", remedy,
                             remedy.empty() ? "" : "."));
    }
}

void RenderAllLosses(Html& html, const v1::Status& status) {
  if (status.lost().empty()) return;
  html.Leaf("h2", {{"id", kAllLossesId}}, "Lost evidence");
  html.Leaf("p", {{"class", "lead"}},
            "Since capmond started, for the whole machine. The details of each workload say what "
            "was lost of its own.");
  const auto list = html.In("dl");
  RenderLosses(html, status.lost());
  for (const v1::ContainerLosses& losing : status.losing()) {
    html.Leaf("dt", {}, "Most of");
    html.Leaf("dd", {}, absl::StrCat(losing.container(), ": ", LossSummary(losing.lost())));
  }
}

}  // namespace capmon
