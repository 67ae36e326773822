// SPDX-License-Identifier: Apache-2.0
// `capmon list --watch`: the rows, then each row again when it changes.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"
#include "client/commands/list_command.h"

namespace capmon {

// Which rows differ from what was printed. Counts and times change always, so they do not count.
class ChangedRows {
 public:
  // Without `ended`, a row that has ended is a change only if it was printed before.
  explicit ChangedRows(bool ended) : ended_(ended) {}

  // Removes the rows that did not change since the call before; all there are have to be given.
  void KeepChanged(v1::ListWorkloadsResponse& response);
  void KeepChanged(v1::ListContainersResponse& response);

 private:
  template <typename Row>
  void Keep(google::protobuf::RepeatedPtrField<Row>& rows);

  const bool ended_;
  std::map<std::string, std::string> printed_;  // what lasts of a row, by its key
};

// Returns when the reader closes the output, with OK, or when capmond does not answer any more.
absl::Status WatchList(const Settings& settings, const ListOptions& options);

}  // namespace capmon
