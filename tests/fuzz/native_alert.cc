// SPDX-License-Identifier: Apache-2.0
// Lines of the spool and the store: a newer capmond, a tool or a broken disk may have written any.
#include "daemon/encode/encode_alert.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const auto read = ParseNativeAlert(AsText(data, size));
  if (!read.ok()) {
    Require(read.status().code() == absl::StatusCode::kInvalidArgument, "anything else is refused");
    return 0;
  }
  const std::string line = EncodeAlert(AlertFormat::kNative, *read, Sensor());
  const auto again = ParseNativeAlert(line);
  Require(again.ok(), "what was read can be written and read again");
  Require(again->alert == read->alert && again->sequence == read->sequence, "nothing changes");
  return 0;
}
