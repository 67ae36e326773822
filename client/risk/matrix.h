// SPDX-License-Identifier: Apache-2.0
// Containers by capabilities: what is held and what is used. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/model/capability.h"

namespace capmon {

enum class Cell {
  kAbsent,   // not held
  kUnused,   // held, and not needed
  kUnknown,  // held; the evidence cannot show a need
  kUsed,     // needed
  kDenied,   // denied, and the call failed because of it, or may have
};

struct MatrixRow {
  v1::ContainerSummary summary;
  std::string name;    // DisplayName(), not yet printable
  CapabilitySet held;  // empty also if it is not known
  CapabilitySet used;  // recommended to keep
  CapabilitySet denied;
  CapabilitySet unknown;    // held; the evidence cannot show a need
  CapabilitySet reachable;  // what its programs can get
  CapabilitySet raisable;   // what a set-user-ID program would add, if there is one
  int risk = 0;             // weights of what it can use and does not need

  CapabilitySet unused() const { return held - used - unknown; }
  // The risk; "+" if a set-user-ID program could add to it, "?" if it is not known what is held.
  std::string RiskText() const;
  // A use outranks a denial, and a denial outranks a capability that is held without need.
  Cell at(Capability capability) const;
};

enum class MatrixOrder { kRisk, kName, kDenied, kChecks };
const char* Name(MatrixOrder order);

struct Matrix {
  std::vector<MatrixRow> rows;
  std::vector<Capability> columns;  // those in any row, most dangerous first

  void Sort(MatrixOrder order);  // highest first; names in ascending order
};

MatrixRow RowOf(const v1::ContainerSummary& summary);
// Highest risk first.
Matrix MatrixOf(const v1::ListContainersResponse& containers);

}  // namespace capmon
