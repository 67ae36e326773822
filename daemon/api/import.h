// SPDX-License-Identifier: Apache-2.0
// Validates what a client imports: files may be hostile, and so may clients.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "capmon/v1/capmon.pb.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/imported.h"

namespace capmon {

// Returns an event for each row. INVALID_ARGUMENT, in one sentence, for names that no workload has,
// unknown words and whatever exceeds the limits.
absl::StatusOr<std::vector<RowImported>> RowsOf(const v1::ImportProfilesRequest& request);

// A workload of another cluster is another workload, however equal the rest of its name is. `own`:
// the cluster of this capmond, "" where it is not known. INVALID_ARGUMENT for rows of another one,
// unless the client asks for any.
absl::Status CheckCluster(const v1::ImportProfilesRequest& request, const std::string& own);

// Takes the requests of one import, one after the other.
class ImportReader {
 public:
  explicit ImportReader(std::string own_cluster) : cluster_(std::move(own_cluster)) {}

  absl::Status Take(const v1::ImportProfilesRequest& request);
  // Returns the rows of all requests. ABORTED if the client was cut off before the last one.
  absl::StatusOr<std::vector<RowImported>> Finish();

 private:
  const std::string cluster_;
  std::vector<RowImported> rows_;
  size_t requests_ = 0;
  size_t bytes_ = 0;
  size_t expected_ = 0;
};

// Refuses new rows instead of dropping old ones: a person is there to read why.
absl::Status CheckRoom(const ImportedRows& known, const std::vector<RowImported>& rows);

inline constexpr size_t kMaxBytesOfImport = 64 << 20;  // of all requests
inline constexpr int kMaxRowsOfImport = 64;            // of one request
inline constexpr size_t kMaxFileNameBytes = 256;

}  // namespace capmon
