// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/call_counter.h"

#include <array>
#include <set>
#include <string_view>

#include "capmon/v1/capmon.pb.h"

namespace capmon {
namespace {

constexpr std::array<const char*, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
constexpr char kOtherMethods[] = "other";  // health, reflection, and what does not exist

const google::protobuf::ServiceDescriptor& Api() {
  return *v1::Status::descriptor()->file()->FindServiceByName("Capmon");
}

std::string ShortName(const std::string& method) {
  const std::string prefix = "/" + Api().full_name() + "/";
  if (!method.starts_with(prefix)) return kOtherMethods;
  const std::string name = method.substr(prefix.size());
  return Api().FindMethodByName(name) == nullptr ? kOtherMethods : name;
}

}  // namespace

CallCounts::CallCounts() {
  finished_.With([](ByMethodAndCode& finished) {
    for (int i = 0; i < Api().method_count(); ++i)
      finished[{Api().method(i)->name(), kCodes.front()}] = 0;
  });
}

void CallCounts::Ended(const std::string& method, int code) {
  --in_flight_;
  const bool known = code >= 0 && static_cast<size_t>(code) < kCodes.size();
  const char* const name = known ? kCodes[static_cast<size_t>(code)] : "UNKNOWN";
  finished_.With([&](ByMethodAndCode& finished) { ++finished[{ShortName(method), name}]; });
}

CallCounts::ByMethodAndCode CallCounts::finished() const {
  return finished_.With([](const ByMethodAndCode& finished) { return finished; });
}

}  // namespace capmon
