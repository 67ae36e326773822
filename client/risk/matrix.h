// SPDX-License-Identifier: Apache-2.0
// Containers by capabilities: what is held against what is used. Pure.
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
  kUnknown,  // held, and nothing can be said
  kUsed,     // needed
  kDenied,   // refused, and the call failed for it or may have
};

struct MatrixRow {
  v1::ContainerSummary summary;
  std::string name;    // DisplayName(), not yet made printable
  CapabilitySet held;  // empty as well where nothing is known of it
  CapabilitySet used;  // recommended to keep
  CapabilitySet denied;
  CapabilitySet unknown;    // held, and whether it is needed is not known
  CapabilitySet reachable;  // what its programs can come to have
  CapabilitySet raisable;   // what a set-user-ID program would add, if there is one
  int risk = 0;             // weights of what can be had and is not needed

  CapabilitySet unused() const { return held - used - unknown; }
  // The risk, with "+" where a set-user-ID program could add to it, or "?" where nothing is known
  // of what is held.
  std::string RiskText() const;
  // Use says more than a refusal, and a refusal more than holding it in vain.
  Cell at(Capability capability) const;
};

enum class MatrixOrder { kRisk, kName, kDenied, kChecks };
const char* Name(MatrixOrder order);

struct Matrix {
  std::vector<MatrixRow> rows;
  std::vector<Capability> columns;  // those that occur anywhere, most dangerous first

  void Sort(MatrixOrder order);  // worst or most first; names upwards
};

MatrixRow RowOf(const v1::ContainerSummary& summary);
// Worst first.
Matrix MatrixOf(const v1::ListContainersResponse& containers);

}  // namespace capmon
