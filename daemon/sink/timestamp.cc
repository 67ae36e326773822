// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/timestamp.h"

#include <ctime>

#include "absl/strings/str_format.h"

namespace capmon {

std::string Timestamp(TimeNs time) {
  const time_t seconds = time / kSecond;
  tm parts{};
  gmtime_r(&seconds, &parts);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900,
                         parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                         (time % kSecond) / 1000);
}

}  // namespace capmon
