// SPDX-License-Identifier: Apache-2.0
#include "client/risk/matrix.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

bool Before(const MatrixRow& a, const MatrixRow& b, MatrixOrder order) {
  switch (order) {
    case MatrixOrder::kRisk: return a.risk > b.risk;
    case MatrixOrder::kDenied: return a.denied.size() > b.denied.size();
    case MatrixOrder::kChecks: return a.summary.checks() > b.summary.checks();
    case MatrixOrder::kName: break;
  }
  return false;
}

}  // namespace

Cell MatrixRow::at(Capability capability) const {
  if (used.Has(capability)) return Cell::kUsed;
  if (denied.Has(capability)) return Cell::kDenied;
  if (unknown.Has(capability)) return Cell::kUnknown;
  return held.Has(capability) ? Cell::kUnused : Cell::kAbsent;
}

std::string MatrixRow::RiskText() const {
  const bool nothing_known = !summary.held_known() || (unused().empty() && !unknown.empty());
  if (nothing_known) return "?";
  return absl::StrCat(risk, (unused() & raisable).empty() ? "" : "+");
}

const char* Name(MatrixOrder order) {
  switch (order) {
    case MatrixOrder::kRisk: return "risk";
    case MatrixOrder::kName: return "name";
    case MatrixOrder::kDenied: return "denied";
    case MatrixOrder::kChecks: return "checks";
  }
  return "";
}

void Matrix::Sort(MatrixOrder order) {
  std::sort(rows.begin(), rows.end(), [&](const MatrixRow& a, const MatrixRow& b) {
    if (Before(a, b, order)) return true;
    if (Before(b, a, order)) return false;
    if (a.name != b.name) return a.name < b.name;
    return a.summary.container().cgroup_path() < b.summary.container().cgroup_path();
  });
}

MatrixRow RowOf(const v1::ContainerSummary& summary) {
  MatrixRow row;
  row.summary = summary;
  row.name = DisplayName(summary.container());
  row.held = SetOf(summary.held_set());
  row.used = SetOf(summary.used());
  row.denied = SetOf(summary.denied());
  row.unknown = SetOf(summary.unknown());
  row.reachable = SetOf(summary.reachable());
  row.raisable = SetOf(summary.raisable());
  row.risk = WeightOf(row.unused() & row.reachable);
  return row;
}

Matrix MatrixOf(const v1::ListContainersResponse& containers) {
  Matrix matrix;
  CapabilitySet occurring;
  for (const v1::ContainerSummary& summary : containers.containers()) {
    matrix.rows.push_back(RowOf(summary));
    const MatrixRow& row = matrix.rows.back();
    occurring = occurring | row.held | row.used | row.denied;
  }
  matrix.columns = ByWeight(occurring);
  matrix.Sort(MatrixOrder::kRisk);
  return matrix;
}

}  // namespace capmon
