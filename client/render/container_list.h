// SPDX-License-Identifier: Apache-2.0
// The table of `capmon list`.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

// The name in the list: of the workload, or of its container.
std::string NameOfWorkload(const v1::WorkloadSummary& row);
// No instance runs any more.
bool WorkloadHasEnded(const v1::Workload& workload);
// A pod's first container, which only holds its namespaces.
bool IsSandbox(const v1::Container& container);

struct ListLook {
  bool name_spaces = false;               // a column for them, also where the table is not wide
  bool ended = false;                     // a column for it, also where nothing has ended
  std::vector<size_t>* widths = nullptr;  // of the rows before, see Table::Print()
};

void RenderContainers(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings, ListLook look = {});

void RenderWorkloads(std::ostream& out, const v1::ListWorkloadsResponse& response,
                     const Settings& settings, ListLook look = {});

}  // namespace capmon
